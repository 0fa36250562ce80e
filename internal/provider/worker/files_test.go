package worker_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// withPath returns a block of distributed workers of the group with the path.
func withPath(name, group, file string, more ...string) string {
	return block(distributedKind, name, workerLines(group), append([]string{"path", fmt.Sprintf("%q", file)}, more...)...)
}

// must fails the test if one of the errors is not nil.
func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// One file has many paths. Two resources with one file are an error in the plan, whatever the spelling.
func TestWorkerConfig_oneFileOfTwoResources(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, "")
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(c.Dir, link))
	first := withPath("first", "one", "x.properties")
	for path, description := range map[string]string{
		"x.properties":                       "the same spelling",
		"./x.properties":                     "another spelling",
		filepath.Join(c.Dir, "x.properties"): "an absolute path",
		filepath.Join(link, "x.properties"):  "a path through a symbolic link",
	} {
		c.Configure(first + withPath("second", "two", path))
		out := acctest.Unwrap(c.MustFail([]string{"Invalid worker configuration", "each resource needs its own file"}, "plan", "-no-color"))
		if !strings.Contains(out, fmt.Sprintf(`path %q of another resource, for group "one"`, "x.properties")) &&
			!strings.Contains(out, fmt.Sprintf(`path %q of another resource, for group "two"`, path)) {
			t.Errorf("%s: the error does not name both paths:\n%s", description, out)
		}
	}
	later := "resource \"terraform_data\" \"path\" {\n  input = \"later.properties\"\n}\n"
	for name, group := range map[string]string{"first": "one", "second": "two"} {
		later += block(distributedKind, name, workerLines(group), "path", "terraform_data.path.output")
	}
	c.Configure(later)
	c.Must("plan", "-no-color")
	c.MustFail([]string{"each resource needs its own file"}, "apply", "-auto-approve", "-no-color")
	c.Configure(withPath("first", "one", "x.properties") + withPath("second", "two", "y.properties") +
		block(standaloneKind, "third", standaloneLines(), "path", `"z.properties"`))
	c.Apply()
	c.MustBeEmpty()
}

// A path that was unknown in the plan can lead to a file of another resource with the same text. Neither resource can then be
// removed, or get another path, in a way that removes the file of the other one.
func TestWorkerConfig_oneFileInTwoStates(t *testing.T) {
	t.Parallel()
	file, moved := filepath.Join(t.TempDir(), "x"), filepath.Join(t.TempDir(), "y")
	first := withPath("first", "one", file)
	c := acctest.NewCLI(t, first)
	c.Apply()
	c.Configure(first + fmt.Sprintf("resource \"terraform_data\" \"path\" {\n  input = %q\n}\n", file) +
		block(distributedKind, "second", workerLines("one"), "path", "terraform_data.path.output"))
	c.Apply()
	for _, config := range []string{first, first + withPath("second", "one", moved)} {
		c.Configure(config)
		c.MustFail([]string{"belongs to two resources of the state", "terraform state rm"}, "apply", "-auto-approve", "-no-color")
	}
	c.Must("state", "rm", "kafkaconnect_worker_config.second")
	c.Apply()
	c.MustBeEmpty()
	for _, file := range []string{file, moved} {
		must(t, fileHas(file, 0o600, nil)(nil))
	}
}

// A resource that gets another path leaves its former file if this run has written it for another resource. It also leaves its
// file if only the spelling of the path changes.
func TestWorkerConfig_pathMoves(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, withPath("test", "one", "x.properties"))
	file := filepath.Join(c.Dir, "x.properties")
	c.Apply()
	c.Configure(withPath("test", "one", "./x.properties"))
	c.Apply()
	must(t, fileHas(file, 0o600, nil)(nil))
	c.Configure(withPath("test", "one", "./y.properties", "depends_on", "[kafkaconnect_worker_config.taker]") + withPath("taker", "one", file))
	c.Apply()
	must(t, fileHas(file, 0o600, nil)(nil), fileHas(filepath.Join(c.Dir, "y.properties"), 0o600, nil)(nil))
	c.MustBeEmpty()
}

// A path that is a symbolic link is written through. The file keeps its owner, and temporary files that a killed run left are
// removed.
func TestWorkerConfig_linkOwnerAndLeftovers(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	link, target, foreign := filepath.Join(folder, "link"), filepath.Join(t.TempDir(), "target"), filepath.Join(folder, "foreign")
	leftover := filepath.Join(filepath.Dir(target), ".target.kafkaconnect-123")
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 12345, 23456
	}
	must(t, os.Symlink(target, link), os.WriteFile(foreign, []byte("by=hand\n"), 0o600), os.WriteFile(leftover, nil, 0o600))
	config := func(flush string) string {
		return withPath("test", "one", link, "file_permission", `"0640"`, "config", fmt.Sprintf(`{ "offset.flush.interval.ms" = %q }`, flush))
	}
	c := acctest.NewCLI(t, config("1000"))
	c.Apply()
	must(t, fileHas(target, 0o640, map[string]string{"offset.flush.interval.ms": "1000"})(nil))
	must(t, os.Chown(target, uid, gid), os.Chmod(target, 0o640))
	c.MustBeEmpty() // the owner is not managed
	c.Configure(config("2000"))
	c.Apply()
	must(t, fileHas(target, 0o640, map[string]string{"offset.flush.interval.ms": "2000"})(nil))
	info, err := os.Lstat(target)
	must(t, err)
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != uid || int(owner.Gid) != gid {
		t.Errorf("the file belongs to user %d and group %d now", owner.Uid, owner.Gid)
	}
	if got, err := os.Readlink(link); err != nil || got != target {
		t.Errorf("the link leads to %q, error %v", got, err)
	}
	c.MustBeEmpty()

	// The link is changed to lead to a file that Terraform did not write.
	must(t, os.Remove(link), os.Symlink(foreign, link))
	c.MustFail([]string{"already exists with different content"}, "apply", "-auto-approve", "-no-color")
	must(t, os.Remove(link), os.Symlink(target, link))

	out := c.Must("destroy", "-auto-approve", "-no-color")
	acctest.SaidBy(t, out, "Symbolic link", "Terraform did not create the link")
	if left, err := os.ReadDir(filepath.Dir(target)); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, error %v", left, err)
	}
	if text, err := os.ReadFile(foreign); err != nil || string(text) != "by=hand\n" {
		t.Errorf("the file of somebody else is %q, error %v", text, err)
	}
}

// What is not a readable file blocks neither a plan nor a destroy. Only the apply fails that has to write the file.
func TestWorkerConfig_pathIsNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	kinds := []struct {
		name, found, failure string
		create               func(string) error
	}{
		{"folder", "A folder is at this path now", "is a folder", func(file string) error { return os.Mkdir(file, 0o700) }},
		{"pipe", "A named pipe is at this path now", "is a named pipe, not a regular file", func(file string) error { return syscall.Mkfifo(file, 0o600) }},
		{"loop", "The file cannot be read", "too many levels of symbolic links", func(file string) error { return os.Symlink(file, file) }},
	}
	var config strings.Builder
	for _, kind := range kinds {
		config.WriteString(withPath(kind.name, kind.name, file(kind.name)))
	}
	c := acctest.NewCLI(t, config.String())
	c.Apply()
	for _, kind := range kinds {
		must(t, os.Remove(file(kind.name)), kind.create(file(kind.name)))
	}
	plan, refresh := c.Must("plan", "-no-color"), c.Must("plan", "-refresh-only", "-no-color")
	failed := c.MustFail([]string{"Unable to write file", "path ="}, "apply", "-auto-approve", "-no-color")
	for _, kind := range kinds {
		acctest.SaidBy(t, plan, fmt.Sprintf("File %q differs", file(kind.name)), kind.found, `file_status = "changed" -> "written"`)
		acctest.SaidBy(t, refresh, kind.found)
		acctest.SaidBy(t, failed, kind.failure)
	}
	destroyed := c.Must("destroy", "-auto-approve", "-no-color")
	for _, kind := range kinds {
		acctest.SaidBy(t, destroyed, fmt.Sprintf("File %q was not removed", file(kind.name)))
		if info, err := os.Lstat(file(kind.name)); err != nil || info.Mode().IsRegular() {
			t.Errorf("%s: found %v, error %v", kind.name, info, err)
		}
	}
	c.MustFail([]string{"is a named pipe, not a regular file"}, "apply", "-auto-approve", "-no-color") // which creates
	if info, err := os.Lstat(file("pipe")); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe is %v now, error %v", info, err)
	}
}
