# Airflow with the pipeline in it: the locked packages, hash by hash, and this repository. One image for every Airflow service.
FROM python:3.11-slim-bookworm

# DuckDB, dbt and Airflow bring their own binaries as wheels: no compiler, no apt packages.
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app

COPY requirements.lock ./
RUN pip install --only-binary :all: --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml LICENSE ./
COPY src src
COPY expectations expectations
COPY dbt_project dbt_project
COPY kpi_models kpi_models
COPY layouts layouts
COPY dags dags
# Editable, because the package reads dbt_project/, kpi_models/ and layouts/ beside it.
RUN pip install --no-deps --no-build-isolation -e .

# A new named volume takes the owner of the folder it covers, so no service has to run as root to prepare one.
RUN useradd --uid 50000 --gid 0 --create-home --home-dir /opt/airflow airflow \
    && mkdir -p /opt/airflow/logs /data/kpi/published /data/exports \
    && chown -R airflow:0 /opt/airflow /data
USER airflow

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/app/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    KPI_HOME=/data/kpi \
    KPI_EXPORTS=/data/exports
