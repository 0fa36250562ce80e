package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// maxLinks is the number of symbolic links to follow, as in Linux.
const maxLinks = 40

// resolve returns the absolute path of the file that a path leads to. Two paths of one file have the same result. It follows
// symbolic links, also one whose target does not exist yet.
func resolve(file string) string {
	if absolute, err := filepath.Abs(file); err == nil && filepath.VolumeName(absolute) != "" {
		file = absolute // of Windows, where a path can have a drive or a root only
	}
	if !filepath.IsAbs(file) {
		if working, err := os.Getwd(); err == nil {
			file = working + string(filepath.Separator) + file // not filepath.Join: after a link, .. is the parent of its target
		}
	}
	for range maxLinks {
		folder, name := filepath.Split(file)
		if name == "" || name == "." || name == ".." {
			return filepath.Clean(file)
		}
		folder = realFolder(folder)
		file = filepath.Join(folder, name)
		link, err := os.Readlink(file)
		if err != nil {
			return file
		}
		if !filepath.IsAbs(link) {
			link = folder + string(filepath.Separator) + link
		}
		file = link
	}
	return file
}

// realFolder returns the path of a folder without symbolic links. Of a folder that does not exist, it resolves the parents that
// exist.
func realFolder(folder string) string {
	if resolved, err := filepath.EvalSymlinks(folder); err == nil {
		return resolved
	}
	folder = filepath.Clean(folder)
	parent := filepath.Dir(folder)
	if parent == folder {
		return folder
	}
	return filepath.Join(realFolder(parent), filepath.Base(folder))
}

// isLink reports whether the path itself is a symbolic link.
func isLink(file string) bool {
	info, err := os.Lstat(file)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// irregularError says that the path leads to something other than a regular file. Opening it could wait forever, and
// replacing it would destroy it.
type irregularError struct {
	path string
	kind string
}

func (e *irregularError) Error() string {
	if e.kind == kindFolder {
		return diagnostics.Quoted(e.path) + " is a folder: add the name of the file"
	}
	return diagnostics.Quoted(e.path) + " is " + e.kind + ", not a regular file: remove it, or choose another path"
}

const kindFolder = "a folder"

// kindOf names what has the mode.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return kindFolder
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "a special file"
	}
}

// readRegular reads a regular file. It opens nothing else.
func readRegular(file string) (text string, info fs.FileInfo, err error) {
	info, err = os.Stat(file)
	switch {
	case err != nil:
		return "", nil, err
	case !info.Mode().IsRegular():
		return "", info, &irregularError{file, kindOf(info.Mode())}
	}
	content, err := os.ReadFile(file)
	return string(content), info, err
}

// checkTarget returns an error if the file cannot be written. An existing file that the state does not
// have must already contain the text.
func checkTarget(file, text string, before writtenFiles) error {
	if os.IsPathSeparator(file[len(file)-1]) {
		return &irregularError{file, kindFolder}
	}
	to := resolve(file)
	folder := filepath.Dir(to)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder %s does not exist: create it first", diagnostics.Quoted(folder))
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", diagnostics.Quoted(folder))
	}
	present, info, err := readRegular(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case info == nil || !info.Mode().IsRegular():
		return err
	case before.own(to):
		return nil
	case err != nil:
		return err
	case present != text && !before.wrote(to, present):
		return fmt.Errorf("%s already exists with different content and was not changed: move it, or choose another path", diagnostics.Quoted(file))
	}
	return nil
}

// writeFile replaces the file atomically: a worker that starts meanwhile reads either the old text or the new one. The file has
// no symbolic link. It keeps the owner and the group of the replaced file; if that is not permitted, it returns the difference.
func writeFile(file, text, permission string) (ownership string, err error) {
	mode, err := strconv.ParseUint(permission, 8, 32)
	if err != nil {
		return "", err
	}
	replaced, err := os.Lstat(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	temporary, err := createTemporary(file)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	if replaced != nil {
		ownership, err = keepOwner(temporary, replaced) // before Chmod, so that no other group can read the file
	}
	if err == nil {
		_, err = temporary.WriteString(text)
	}
	if err == nil && hasPermissions(runtime.GOOS) { // a read-only file of Windows could not be replaced again
		err = temporary.Chmod(fs.FileMode(mode))
	}
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err != nil {
		return "", err
	}
	return ownership, os.Rename(temporary.Name(), file)
}

// temporaryPrefix returns how the names of the temporary files of a file begin. Digits follow.
func temporaryPrefix(file string) string { return "." + filepath.Base(file) + ".kafkaconnect-" }

// createTemporary creates a temporary file in the folder of the file. Only its owner can read it.
func createTemporary(file string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(file), temporaryPrefix(file)+"*")
}

// removeTemporary removes the temporary files of the file. They exist only if the provider was killed while it wrote the
// file, and they contain its secrets.
func removeTemporary(file string) (err error) {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil //nolint:nilerr // the folder is missing, or its files cannot be listed: then none are found
	}
	for _, entry := range entries {
		digits, ok := strings.CutPrefix(entry.Name(), temporaryPrefix(file))
		if ok && digits != "" && strings.Trim(digits, "0123456789") == "" && entry.Type().IsRegular() {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(file), entry.Name())))
		}
	}
	return err
}
