"""The rival of `startup`: about the least a Streamlit app can be. It imports nothing but Streamlit."""

import streamlit as st

st.title("Bare")
st.write("Nothing is computed here.")
