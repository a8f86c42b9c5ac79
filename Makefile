# Each target does its own set-up; run any of them in a clean clone.
.PHONY: help demo test unit infra-test aws-test e2e watch coverage test-containers model check-model docs lint typecheck shellcheck bench clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## four cities from simulation to published plots, and what to type next
	@scripts/demo

test: ## the whole suite: TypeScript, R, end to end with real R
	@scripts/test

unit: ## unit tests only, in seconds
	@scripts/test unit

infra-test: ## the Pulumi program under mocks
	@scripts/test infra

aws-test: ## everything that talks to AWS, against moto's server
	@scripts/test aws watchdog cli cloud

e2e: ## whole runs on this machine, with real R
	@scripts/test e2e

watch: ## unit tests again whenever a file changes
	@scripts/test --watch

coverage: ## the whole suite with its coverage; fails below the thresholds of .c8rc.json
	@COVERAGE=true scripts/test

test-containers: ## both images built, and the deployed task run as containers of this machine
	@scripts/test-containers

bench: ## the measurements of bench/README.md (a full run; half an hour)
	@bench/run

model: ## R, its packages and the sample model, installed below .r-library/
	@scripts/setup-node
	@scripts/setup-r

check-model: ## the R package: lintr, manual pages, R CMD check
	@scripts/check-model

docs: ## the tables of the documentation that come from the code, written anew
	@scripts/docs

lint: ## style, dead code and circles of imports of the TypeScript files
	@scripts/setup-node
	@npm run --silent lint

typecheck: ## types
	@scripts/setup-node
	@node_modules/.bin/tsc --noEmit

shellcheck: ## shell scripts; the agent is the one that runs in other people's images
	@scripts/setup-shellcheck
	@shellcheck runner/render/agent/agent.sh model/install model/image/* scripts/* bench/run .ci/run

clean: ## forget everything made here but the state of your runs
	rm -rf node_modules .r-library
