# One image for every service of docker-compose.yml: worker, beat, web and the commands of an operator.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /usr/local/lib/sanctuary-watch
# What rarely changes comes first, so that a change of ours does not install everything anew.
COPY constraints.txt ./
RUN /usr/local/lib/sanctuary-watch/bin/pip install --no-cache-dir --constraint constraints.txt --upgrade pip
COPY pyproject.toml README.md LICENSE ./
COPY analyst analyst
COPY cli cli
COPY config config
COPY demo demo
COPY pipeline pipeline
COPY workers workers
RUN /usr/local/lib/sanctuary-watch/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/sanctuary-watch --create-home sanctuary-watch
COPY --from=build /usr/local/lib/sanctuary-watch /usr/local/lib/sanctuary-watch
ENV PATH=/usr/local/lib/sanctuary-watch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SANCTUARY_WATCH_HOME=/var/lib/sanctuary-watch
USER sanctuary-watch
WORKDIR /var/lib/sanctuary-watch
VOLUME /var/lib/sanctuary-watch
# A container's supervisor sends SIGTERM; the workers give back what they hold and end.
STOPSIGNAL SIGTERM
ENTRYPOINT ["sanctuary-watch"]
CMD ["--help"]
