# What is installed is what constraints.txt names, checked by hash; the second stage has neither pip's cache nor the tests' tools.
FROM python:3.12-slim AS build
WORKDIR /build
COPY constraints.txt .
RUN pip download --quiet --require-hashes --no-deps --dest /wheels -r constraints.txt
COPY . .
RUN python -m venv /build/tools \
 && /build/tools/bin/pip install --quiet --no-index --find-links /wheels build hatchling \
 && /build/tools/bin/python -m build --wheel --no-isolation --outdir /wheels . \
 && python -m venv /saphan \
 && /saphan/bin/pip install --quiet --no-index --find-links /wheels "saphan[semantic]"

FROM python:3.12-slim
COPY --from=build /saphan /saphan
RUN useradd --system --create-home saphan
USER saphan
WORKDIR /home/saphan
ENV PATH=/saphan/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --start-period=60s --interval=10s \
  CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=5)"
ENTRYPOINT ["saphan"]
CMD ["serve", "--host", "0.0.0.0"]
