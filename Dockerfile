# The app for one person or a small group, behind localhost or a proxy: docs/deployment.md says how to run it.
FROM python:3.11-slim

WORKDIR /app
COPY requirements.txt .
# torch for processors only, from its own index: PyPI's brings CUDA, several GB that nothing here would use.
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu \
        "torch==$(sed -n 's/^torch==//p' requirements.txt)+cpu" \
        "torchvision==$(sed -n 's/^torchvision==//p' requirements.txt)+cpu" \
    && pip install --no-cache-dir -r requirements.txt
COPY streamlit_app.py ./
COPY .streamlit .streamlit
COPY mnist_core mnist_core
COPY pages pages
COPY checkpoints checkpoints

# All that is ever written is below /data and /tmp: the rest of the disk may be read-only.
RUN useradd --create-home --uid 1000 digits && mkdir /data && chown digits /data
USER digits
ENV MNIST_DATA=/data/mnist MNIST_HANDWRITING=/data/handwriting MNIST_OTHERS=/data/others \
    MNIST_CHECKPOINTS=/data/checkpoints PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8501
# The address is the container's own; who reaches it is decided by the port that is published. Named, the server does not
# ask the internet for its public one.
CMD ["streamlit", "run", "streamlit_app.py", "--server.headless=true", "--server.address=0.0.0.0", \
     "--browser.serverAddress=localhost"]
