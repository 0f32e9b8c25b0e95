# syntax=docker/dockerfile:1

# The pages' scripts and styles.
FROM node:22-bookworm-slim AS clients
WORKDIR /build/clients
COPY clients/ ./
RUN npm ci --no-audit --no-fund && npm run build

# The Python environment, every file of it checked against its hash.
FROM python:3.11-slim-bookworm AS environment
WORKDIR /app
COPY deploy/requirements.lock deploy/requirements.lock
RUN python3 -m venv /app/.venv \
    && /app/.venv/bin/pip install --no-cache-dir --require-hashes -r deploy/requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY crdt/ crdt/
COPY rooms/ rooms/
COPY storage/ storage/
COPY jobs/ jobs/
COPY server/ server/
COPY loadtests/ loadtests/
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && /app/.venv/bin/python -m compileall -q crdt rooms storage jobs server loadtests

# What runs: no compiler, no package manager's cache, no root.
FROM python:3.11-slim-bookworm AS runtime
RUN groupadd --gid 10001 setroom \
    && useradd --uid 10001 --gid setroom --no-create-home --home-dir /app setroom \
    && install --directory --owner setroom --group setroom /data
WORKDIR /app
COPY --from=environment /app /app
COPY --from=clients /build/clients/fan/dist /app/clients/fan/dist
COPY --from=clients /build/clients/panel/dist /app/clients/panel/dist
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SETROOM_HOST=0.0.0.0 \
    SETROOM_PORT=8000 \
    SETROOM_DATA_DIR=/data \
    SETROOM_LOG_FORMAT=json
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "server.cli.health"]
ENTRYPOINT ["setroom"]
CMD ["serve"]
