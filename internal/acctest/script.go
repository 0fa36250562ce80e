package acctest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest/tfcli"
)

// Script runs a shell script of the working folder, as a reader of a guide does, and returns its output and whether it
// succeeded. The command terraform in it is the CLI of the tests. It installs the provider from a folder, so that the script can
// run terraform init, and asks no questions.
func (c *CLI) Script(name string) (out string, ok bool) {
	c.T.Helper()
	cmd := exec.CommandContext(c.T.Context(), "sh", "-e", name)
	cmd.Dir, cmd.Env = c.Dir, append(c.Env, c.installation()...)
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

// MustScript is [CLI.Script] for a script that must succeed.
func (c *CLI) MustScript(name string) string {
	c.T.Helper()
	out, ok := c.Script(name)
	if !ok {
		c.T.Fatalf("%s failed:\n%s", name, out)
	}
	return out
}

// installation creates a folder from which Terraform and OpenTofu install the provider, and one with the command terraform. It
// returns the environment that makes scripts use both.
func (c *CLI) installation() []string {
	c.T.Helper()
	folder := filepath.Join(filepath.Dir(c.provider), "installation")
	mirror, bin, rc := filepath.Join(folder, "mirror"), filepath.Join(folder, "bin"), filepath.Join(folder, tfcli.ConfigFile)
	terraform, err := exec.LookPath(c.terraform())
	if err != nil {
		c.T.Fatal(err)
	}
	if _, missing := os.Stat(folder); missing != nil {
		err = os.MkdirAll(bin, 0o700)
		for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			version := filepath.Join(mirror, host, tfcli.Source, "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
			err = errors.Join(err, os.MkdirAll(version, 0o700), os.Link(c.provider, filepath.Join(version, "terraform-provider-kafkaconnect_v0.0.1")))
		}
		err = errors.Join(err,
			os.Symlink(terraform, filepath.Join(bin, "terraform")),
			os.WriteFile(rc, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600))
	}
	if err != nil {
		c.T.Fatal(err)
	}
	return []string{
		"TF_CLI_CONFIG_FILE=" + rc, "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"TF_CLI_ARGS=-no-color", "TF_CLI_ARGS_apply=-auto-approve", "TF_CLI_ARGS_destroy=-auto-approve",
	}
}
