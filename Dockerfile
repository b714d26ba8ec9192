# The Space: every function in one process, live data, port 7860.
# docker build -t dreammaker . && docker run --rm -p 7860:7860 --read-only --tmpfs /tmp dreammaker

FROM python:3.11-slim AS wheels
WORKDIR /build
COPY requirements/space.txt requirements/page.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile --require-hashes \
        --only-binary=:all: -r space.txt \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile --require-hashes \
        --only-binary=:all: --no-deps -r page.txt \
    && /opt/venv/bin/pip uninstall --yes --quiet pip setuptools \
    && find /opt/venv -type d -name tests -prune -exec rm -r {} + \
    && find /opt/venv -name "_cffi*" -path "*/zstandard/*" -delete \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LEDGER_PATH=/tmp/ledger.sqlite3
RUN useradd --uid 1000 --create-home space
WORKDIR /app
COPY --from=wheels /opt/venv /opt/venv
COPY LICENSE local_server.py ./
COPY adapters adapters
COPY docs/examples docs/examples
COPY functions functions
COPY lib lib
RUN python -m compileall -q --invalidation-mode unchecked-hash adapters functions lib local_server.py
USER 1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/health/live', timeout=4)"]
CMD ["python", "local_server.py", "--upstream", "live"]
