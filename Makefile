# Each target does its own set-up; run any of them in a clean clone.
.PHONY: help demo test test-containers model check-model lint typecheck shellcheck bench clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## four cities from simulation to published plots, and what to type next
	@scripts/demo

test: ## the whole suite: TypeScript, R, end to end with real R
	@scripts/test

test-containers: ## both images built, and the deployed task run as containers of this machine
	@scripts/test-containers

bench: ## the measurements of bench/README.md (a full run; half an hour)
	@bench/run

model: ## R, its packages and the sample model, installed below .r-library/
	@scripts/setup-node
	@scripts/setup-r

check-model: ## the R package: lintr, manual pages, R CMD check
	@scripts/check-model

lint: ## style of the TypeScript and JSON files
	@scripts/setup-node
	@node_modules/.bin/biome check .

typecheck: ## types
	@scripts/setup-node
	@node_modules/.bin/tsc --noEmit

shellcheck: ## shell scripts; the agent is the one that runs in other people's images
	@scripts/setup-shellcheck
	@shellcheck runner/render/agent.sh model/install model/image/* scripts/* bench/run .ci/run

clean: ## forget everything made here but the state of your runs
	rm -rf node_modules .r-library
