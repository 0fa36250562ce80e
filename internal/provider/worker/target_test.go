package worker

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(names ...string) string { return filepath.Join(append([]string{root}, names...)...) }
	for _, err := range []error{
		os.MkdirAll(at("real", "inner"), 0o700),
		os.WriteFile(at("real", "file"), nil, 0o600),
		os.Symlink("real", at("folder")),
		os.Symlink(at("real", "inner"), at("inner")),
		os.Symlink("real/file", at("link")),
		os.Symlink("link", at("second")),
		os.Symlink("folder/new", at("dangling")),
		os.Symlink("loop", at("loop")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{
		"x":                          filepath.Join(working, "x"),
		"./y/../x":                   filepath.Join(working, "x"),
		at("real", "file"):           at("real", "file"),
		root + "//real/./file":       at("real", "file"),
		at("folder", "file"):         at("real", "file"),
		at("folder", "new"):          at("real", "new"),
		at("folder", "no", "new"):    at("real", "no", "new"),
		root + "/inner/../file":      at("real", "file"), // not below root
		at("link"):                   at("real", "file"),
		at("second"):                 at("real", "file"),
		at("dangling"):               at("real", "new"),
		at("loop"):                   at("loop"),
		"/":                          "/",
		at("no", "such", "..", "x"):  at("no", "x"),
		root + "/folder/inner/../no": at("real", "no"),
	} {
		if got := resolve(given); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}

// The temporary files that a killed provider left are removed with the next write and with the removal of the file. Files of
// others with similar names stay.
func TestTemporaryFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "w")
	others := []string{".w.swp", ".w.kafkaconnect-", ".w.kafkaconnect-1x", ".ww.kafkaconnect-1", "w.kafkaconnect-1", ".w.kafkaconnect-1.kafkaconnect-2"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, ".w.kafkaconnect-3"), 0o700); err != nil {
		t.Fatal(err)
	}
	abandoned := func() {
		t.Helper()
		temporary, err := createTemporary(file)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := temporary.Stat(); err != nil || info.Mode() != 0o600 {
			t.Errorf("the temporary file has %v, error %v", info.Mode(), err)
		}
		if err := temporary.Close(); err != nil {
			t.Fatal(err)
		}
	}
	left := func(want int) {
		t.Helper()
		entries, err := os.ReadDir(folder)
		if err != nil || len(entries) != want {
			t.Errorf("the folder contains %v, error %v", entries, err)
		}
	}
	written := writtenFile{Path: file, Permission: "0600", Text: tfvalue.NewSecretDigest("text")}
	abandoned()
	if diags, err := written.write(path.Root(attrPath), "text"); err != nil || len(diags) > 0 {
		t.Errorf("got %v, error %v", diags, err)
	}
	left(len(others) + 2)
	abandoned()
	if diags := (writtenFiles{"": written}).removeAll(func(string) bool { return false }); len(diags) > 0 {
		t.Errorf("got %v", diags)
	}
	left(len(others) + 1)
}

// What is not a regular file is never opened: opening a named pipe waits for its other end.
func TestIrregularFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	var config net.ListenConfig
	socket, err := config.Listen(t.Context(), "unix", at("s"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, err := range []error{syscall.Mkfifo(at("p"), 0o600), os.Symlink(at("p"), at("link")), os.Mkdir(at("folder"), 0o700)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for file, kind := range map[string]string{
		at("p"): "a named pipe", at("link"): "a named pipe", at("s"): "a socket", os.DevNull: "a device", at("folder"): "a folder", at("new") + "/": "a folder",
	} {
		written := writtenFile{Path: file, Permission: "0600", Text: tfvalue.NewSecretDigest("text")}
		if err := checkTarget(file, "text", writtenFiles{"": written}); err == nil || !strings.Contains(err.Error(), " is "+kind) {
			t.Errorf("%s: got %v", file, err)
		}
		if found := written.inspect(); file != at("new")+"/" && (found.status != fileChanged || !found.blocked || !strings.Contains(found.difference, kind)) {
			t.Errorf("%s: got %+v", file, found)
		}
	}
}

// Windows has no permission bits: a file there is not drift because of them.
func TestPermissionIsComparedWhereFilesHaveOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "w")
	if err := os.WriteFile(file, []byte("text"), 0o444); err != nil { // what Windows reports of a read-only file
		t.Fatal(err)
	}
	written := writtenFile{Path: file, Permission: "0600", Text: tfvalue.NewSecretDigest("text")}
	for system, want := range map[string]string{"windows": fileWritten, "linux": fileChanged, "darwin": fileChanged} {
		if got := written.inspectOn(system); got.status != want {
			t.Errorf("%s: got %+v, want %s", system, got, want)
		}
	}
	written.Text = tfvalue.NewSecretDigest("other")
	if got := written.inspectOn("windows"); got.status != fileChanged {
		t.Errorf("the content is not compared: %+v", got)
	}
}
