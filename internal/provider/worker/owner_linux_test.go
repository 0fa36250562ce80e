package worker

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// sharedFolder returns a temporary folder in which every user can write.
func sharedFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "worker") //nolint:usetesting // the parent of t.TempDir can be read by its owner only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	return folder
}

// unprivileged runs the function as a user without privileges: as root, on a thread of its own that gives them up.
func unprivileged(t *testing.T, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		fn()
		return
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine
		for _, call := range []uintptr{syscall.SYS_SETGROUPS, syscall.SYS_SETRESGID, syscall.SYS_SETRESUID} {
			args := [3]uintptr{65534, 65534, 65534}
			if call == syscall.SYS_SETGROUPS {
				args = [3]uintptr{}
			}
			if _, _, errno := syscall.RawSyscall(call, args[0], args[1], args[2]); errno != 0 {
				done <- errno
				return
			}
		}
		fn()
		done <- nil
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// A replaced file keeps its owner and group if that is permitted. Otherwise, a warning says what they are now.
func TestWriteFile_owner(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	file := filepath.Join(sharedFolder(t), "w")
	write := func(text string) string {
		written := writtenFile{Path: file, Permission: "0640"}
		diags, err := written.write(path.Root(attrPath), text)
		if err != nil {
			t.Error(err)
		}
		return fmt.Sprint(diags)
	}
	owner := func() string {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		stat := info.Sys().(*syscall.Stat_t)
		return fmt.Sprintf("%d:%d %v", stat.Uid, stat.Gid, info.Mode())
	}
	write("one")
	if err := os.Chown(file, 12345, 23456); err != nil {
		t.Fatal(err)
	}
	if warning := write("two"); warning != "[]" || owner() != "12345:23456 -rw-r-----" {
		t.Errorf("warning %s, owner %s", warning, owner())
	}
	var warning string
	unprivileged(t, func() { warning = write("three") })
	if want := "it belonged to user 12345 and group 23456, and now belongs to user 65534 and group 65534"; !strings.Contains(strings.ToLower(warning), want) || owner() != "65534:65534 -rw-r-----" {
		t.Errorf("warning %s, owner %s", warning, owner())
	}
	if err := os.Chown(file, 12345, 65534); err != nil {
		t.Fatal(err)
	}
	unprivileged(t, func() { warning = write("four") })
	if !strings.Contains(warning, "now belongs to user 65534 and group 65534") {
		t.Errorf("warning %s", warning)
	}
}

// A file that cannot be read counts as changed. The resource may replace its own file without reading it.
func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(sharedFolder(t), "w")
	if err := os.WriteFile(file, []byte("text"), 0); err != nil {
		t.Fatal(err)
	}
	written := writtenFile{Path: file, Permission: "0600", Text: tfvalue.NewSecretDigest("text")}
	var found finding
	var foreign, own, removal error
	var difference string
	unprivileged(t, func() {
		found = written.inspect()
		foreign, own = checkTarget(file, "text", nil), checkTarget(file, "text", writtenFiles{"": written})
		difference, removal = written.remove()
	})
	if found.status != fileChanged || found.blocked || !strings.Contains(found.difference, "cannot be read") {
		t.Errorf("got %+v", found)
	}
	if foreign == nil || !strings.Contains(foreign.Error(), fs.ErrPermission.Error()) || own != nil {
		t.Errorf("got %v and %v", foreign, own)
	}
	if removal != nil || !strings.Contains(difference, "cannot be read") {
		t.Errorf("got %q, error %v", difference, removal)
	}
}
