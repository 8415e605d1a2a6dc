# The program alone, run by a user without rights. For docker-compose.yml.
FROM python:3.13.7-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
# The hash of every file is compared with the lock; what is installed below comes from these alone.
COPY requirements-dev.lock ./
RUN pip download --quiet --require-hashes --only-binary :all: --dest /wheels -r requirements-dev.lock
COPY . ./
RUN python -m venv /opt/daybook \
    && export PIP_NO_INDEX=1 PIP_FIND_LINKS='/wheels /ours' \
    && mkdir /ours \
    && pip wheel --quiet --no-deps --wheel-dir /ours . \
    && /opt/daybook/bin/pip install --quiet 'daybook[client,esdb,kafka,postgres,otlp,grpc,graphql]' \
    && /opt/daybook/bin/pip check \
    && /opt/daybook/bin/python -m compileall -q /opt/daybook/lib

FROM python:3.13.7-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/daybook --create-home --shell /usr/sbin/nologin daybook \
    && chmod 0700 /var/lib/daybook
COPY --from=build /opt/daybook /opt/daybook
COPY --chmod=0755 deploy/healthy /usr/local/bin/healthy
ENV PATH=/opt/daybook/bin:$PATH PYTHONDONTWRITEBYTECODE=1 DAYBOOK_DATA_DIR=/var/lib/daybook
USER 10001:10001
WORKDIR /var/lib/daybook
STOPSIGNAL SIGTERM
ENTRYPOINT ["daybook"]
CMD ["--help"]
