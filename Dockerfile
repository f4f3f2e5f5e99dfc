# syntax=docker/dockerfile:1
# Two stages: the first has pip and builds the wheel, the second has neither pip nor a compiler's leftovers. Byte code is made once, at the end.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
COPY .requirements/ .requirements/
RUN python -m venv /build && /build/bin/pip install --no-compile --require-hashes --only-binary :all: -r .requirements/build.txt
RUN python -m venv --without-pip /opt/cutover-probe \
    && /build/bin/pip --python /opt/cutover-probe/bin/python install --no-compile --require-hashes --only-binary :all: -r .requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY probe/ probe/
RUN /build/bin/python -m build --wheel --no-isolation \
    && /build/bin/pip --python /opt/cutover-probe/bin/python install --no-compile --no-deps dist/*.whl \
    && /opt/cutover-probe/bin/python -m compileall -q /opt/cutover-probe/lib

FROM python:${PYTHON_VERSION}-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cutover-probe" \
      org.opencontainers.image.description="Watches DNS while domains move between two EKS clusters" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The folder of a journal belongs to the user, and so does a new volume that is mounted there.
RUN python -m pip uninstall --yes --quiet pip \
    && install -d -m 0700 -o 65532 -g 65532 /var/lib/cutover-probe
COPY --from=build /opt/cutover-probe /opt/cutover-probe
# Numeric, so that Kubernetes' runAsNonRoot can check it without reading /etc/passwd.
USER 65532:65532
# Nothing is written to disk: the root file system may be read-only.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/cutover-probe/bin:$PATH
EXPOSE 9953
ENTRYPOINT ["cutover-probe"]
CMD ["run", "--config", "/etc/cutover-probe/plan.yaml", "--listen", "[::]:9953"]
