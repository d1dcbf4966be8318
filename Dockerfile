# simenv with all its environments: docker build -t simenv . && docker run --rm -v "$PWD/runs:/data/runs" simenv rollout
# The shell's sandbox (environment `os`) makes namespaces of its own: add `--security-opt seccomp=unconfined`, else it is left out.
# The viewer: docker run --rm -p 127.0.0.1:8501:8501 -e SIMENV_TOKEN=… -v "$PWD/runs:/data/runs" simenv view runs
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap chromium git \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt '.[viewer,web,serve,knowledge,dataframe]'

RUN useradd --create-home user && mkdir -p /data/runs && chown -R user /data
USER user
WORKDIR /data
ENTRYPOINT ["simenv"]
CMD ["--help"]
