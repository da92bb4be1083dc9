#!/bin/sh
# Runs at the end of mmdebstrap with the new root as argument: gives it the names of python:3.11-slim
# and takes out what belongs to the machine that built it.
set -eu
ln -s python3 "$1/usr/bin/python"
rm -rf "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/sources.list \
    "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/etc/hostname "$1"/etc/resolv.conf \
    "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*.log "$1"/var/log/apt "$1"/var/cache/debconf/*-old
