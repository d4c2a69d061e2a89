# syntax=docker/dockerfile:1
# An image of the application, from this checkout: see docs/operations.md.

ARG PYTHON=python:3.13.15-slim-trixie@sha256:7ce4b6dfe35e55397b7cda544f8a13f191b7ae28dc5aad71fe664dbc9bc2623f

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_DEPS=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY build.lock production.lock ./
RUN pip install --require-hashes --requirement build.lock
RUN python -m venv --without-pip /app \
 && pip --python /app/bin/python install --require-hashes --requirement production.lock
# A wheel may lack GraphiQL where npm's registry can't be reached; an image may not.
COPY ide ide
RUN python -m ide.build
COPY alembic alembic
COPY gql_app gql_app
COPY pyproject.toml hatch_build.py LICENSE ./
RUN pip wheel --no-build-isolation --wheel-dir /wheels . \
 && pip --python /app/bin/python install --no-index /wheels/*.whl

FROM ${PYTHON}
LABEL org.opencontainers.image.title="gql_app" \
      org.opencontainers.image.description="A publishing community over GraphQL." \
      org.opencontainers.image.licenses="MIT"
# Where SQLite's file is, unless DATABASE_URL says otherwise. All else may be read-only.
RUN install --directory --owner=10001 --group=10001 /data
WORKDIR /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# CURSOR_KEY and SIGNING_KEYS have no defaults in production: give them at run time.
ENV ENVIRONMENT=production HOST=0.0.0.0 PORT=8000
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s CMD ["python", "-c", "import http.client, os, sys; probe = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=2); probe.request('GET', '/health'); sys.exit(probe.getresponse().status != 200)"]
ENTRYPOINT ["gql-app"]
CMD ["serve"]
