package provider_test

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest/tfcli"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

// archiveVariable names an archive of `make release-snapshot` that is tested instead of one that the test makes.
const archiveVariable = "KAFKACONNECT_TEST_ARCHIVE"

// From an archive in a filesystem mirror, as a release has it, Terraform installs the provider and applies a configuration,
// without dev_overrides.
func TestAccRelease_installsFromMirror(t *testing.T) {
	t.Parallel()
	worker := acctest.SharedWorker(t)
	archive := os.Getenv(archiveVariable)
	if archive == "" {
		archive = packed(t, "1.2.3")
	}
	parts := strings.Split(filepath.Base(archive), "_") // terraform-provider-kafkaconnect, version, operating system, architecture
	if len(parts) != 4 {
		t.Fatalf("the name of the archive %s does not consist of name, version, operating system and architecture", archive)
	}
	name := acctest.UniqueName("release")
	c := &acctest.CLI{T: t, Dir: t.TempDir(), Env: mirror(t, archive)}
	config := fmt.Sprintf(`
terraform {
  required_providers {
    kafkaconnect = { source = %q, version = %q }
  }
}

provider "kafkaconnect" {
  kafka   = { bootstrap_servers = ["%s"] }
  connect = { urls = [%q] }
}

resource "kafkaconnect_internal_topic" "offset" {
  role                = "offset"
  name                = %q
  group_id            = %q
  deletion_protection = false
}

resource "kafkaconnect_connector" "source" {
  name = %q
  config = {
    "connector.class" = %q
    "tasks.max"       = "1"
    "file"            = %q
    "topic"           = %[6]q
  }
}
`, tfcli.Source, parts[1], strings.ReplaceAll(stack.Shared(t).Bootstrap(), ",", `", "`), worker.URL, name+"-offset", name, name,
		acctest.SourceClass, filepath.Join(c.Dir, "none"))
	if err := os.WriteFile(filepath.Join(c.Dir, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Must("init", "-no-color")
	acctest.SaidBy(t, c.Must("version", "-no-color"), tfcli.Source+" v"+parts[1])
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "Plan: 2 to add")
	c.Apply()
	if state, tasks := worker.Status(name); state != "RUNNING" || len(tasks) != 1 || tasks[0] != "RUNNING" {
		t.Errorf("the connector is %s, its tasks are %v", state, tasks)
	}
	c.MustBeEmpty()
	c.Must("destroy", "-auto-approve", "-no-color")
	if worker.Exists(name) {
		t.Error("the connector exists after the destroy")
	}
}

// packed builds the provider and returns an archive of the executable, named as in .goreleaser.yml.
func packed(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	program := filepath.Join(folder, "terraform-provider-kafkaconnect_v"+version)
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w -X main.version="+version, "-o", program, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	archive := filepath.Join(folder, fmt.Sprintf("terraform-provider-kafkaconnect_%s_%s_%s.zip", version, runtime.GOOS, runtime.GOARCH))
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	executable, err := os.ReadFile(program)
	header := &zip.FileHeader{Name: filepath.Base(program), Method: zip.Deflate}
	header.SetMode(0o755)
	entry, createErr := w.CreateHeader(header)
	if err := errors.Join(err, createErr); err != nil {
		t.Fatal(err)
	}
	_, err = entry.Write(executable)
	if err := errors.Join(err, w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return archive
}

// mirror puts the archive into a filesystem mirror, below the registries of Terraform and OpenTofu, and returns an environment in
// which both install providers only from there.
func mirror(t *testing.T, archive string) []string {
	t.Helper()
	folder := t.TempDir()
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		target := filepath.Join(folder, registry, filepath.FromSlash(tfcli.Source))
		text, err := os.ReadFile(archive)
		err = errors.Join(err, os.MkdirAll(target, 0o700), os.WriteFile(filepath.Join(target, filepath.Base(archive)), text, 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	settings := filepath.Join(folder, tfcli.ConfigFile)
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", folder)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
}
