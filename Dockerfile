# A Beam worker (Dataflow, or any runner that starts containers) that also runs `yomitori` by itself.
# Build from the root of the repository: docker build -t yomitori .
FROM apache/beam_python3.11_sdk:2.77.0 AS beam

FROM python:3.11-slim-bookworm

# Versions are Debian's: a rebuild takes its security fixes. The typefaces stand in for those that a PDF names
# but does not carry.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-jpn tesseract-ocr-jpn-vert \
        fonts-ipafont-gothic fonts-ipafont-mincho \
    && rm -rf /var/lib/apt/lists/*

COPY --from=beam /opt/apache/beam /opt/apache/beam

WORKDIR /opt/yomitori
# Name an index of CPU builds here, or torch brings several GB for GPUs that Dataflow's workers lack.
ARG PIP_EXTRA_INDEX_URL

COPY constraints.txt pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --constraint constraints.txt torch

COPY pipeline pipeline
COPY ocr ocr
COPY nlu nlu
# The sample applications with their models: nlu/samples leads here.
COPY fixtures/apps fixtures/apps
RUN pip install --no-cache-dir --constraint constraints.txt '.[gcp]'

# The encoder, unpacked once for every worker.
ENV YOMITORI_CACHE=/opt/yomitori/cache
RUN python -c 'from nlu.encoders.loading import load_encoder; load_encoder("bundled")' \
    && useradd --create-home --uid 10001 yomitori \
    && chmod -R a+rX /opt/yomitori

# Beam starts one process a core: more threads in each would only wait for each other.
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONUNBUFFERED=1

USER 10001
WORKDIR /home/yomitori
# By itself: docker run --entrypoint yomitori -v ... yomitori run /inbox /out --app call-log
# As a host: docker run --entrypoint yomitori --network host -v ... yomitori worker --bind 10.0.0.2 --port 5000
ENTRYPOINT ["/opt/apache/beam/boot"]
