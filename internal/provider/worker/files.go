package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// writtenFilesKey is where private state keeps writtenFiles.
const writtenFilesKey = "files"

// writtenFiles is what private state keeps of the last apply, by worker.
type writtenFiles map[string]writtenFile

// writtenFile says what a worker was given. The text holds secrets, so only a digest of it is kept.
type writtenFile struct {
	Path       string                `json:"path,omitempty"` // empty where no file is written
	Permission string                `json:"permission"`
	Text       *tfvalue.SecretDigest `json:"text"` // nil if it is not known any more
}

// readWrittenFiles returns what the last apply wrote. Terraform drops private state when the provider ends in the middle
// of an update: only the places are known then, from the state.
func readWrittenFiles(ctx context.Context, state tfsdk.State, private tfvalue.PrivateReader) (writtenFiles, diag.Diagnostics) {
	written, diags := tfvalue.ReadPrivate[writtenFiles](ctx, private, writtenFilesKey, "What it holds of the files written")
	if written != nil || diags.HasError() {
		return written, diags
	}
	f, diags := configured(ctx, state)
	written = writtenFiles{}
	for _, worker := range f.workers() {
		written[worker] = writtenFile{Path: f.place(worker), Permission: f.octalPermission()}
	}
	return written, diags
}

// save puts it into private state.
func (w writtenFiles) save(ctx context.Context, private tfvalue.PrivateWriter) diag.Diagnostics {
	return tfvalue.SavePrivate(ctx, private, writtenFilesKey, w)
}

// sameText tells whether the same workers are to read the same as before.
func (w writtenFiles) sameText(renderings map[string]rendering) bool {
	if len(w) != len(renderings) {
		return false
	}
	for worker, rendered := range renderings {
		before, ok := w[worker]
		if !ok || !before.Text.Matches(rendered.file) {
			return false
		}
	}
	return true
}

// paths are the files, in order.
func (w writtenFiles) paths() []string {
	var paths []string
	for _, worker := range slices.Sorted(maps.Keys(w)) {
		if file := w[worker].Path; file != "" {
			paths = append(paths, file)
		}
	}
	return paths
}

// status compares the file with what was written, and tells in words where they differ.
func (w writtenFile) status() (status, difference string, err error) {
	info, err := os.Stat(w.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileMissing, "it is not there any more", nil
	case err != nil:
		return "", "", err
	}
	if w.Text == nil {
		return fileChanged, "what was written to it is not known, as the provider was cut off in an update", nil
	}
	text, err := os.ReadFile(w.Path)
	switch {
	case err != nil:
		return "", "", err
	case !w.Text.Matches(string(text)):
		return fileChanged, "its content is another one", nil
	case octal(info.Mode()) != w.Permission:
		return fileChanged, "its permission is " + octal(info.Mode()) + " instead of " + w.Permission, nil
	}
	return fileWritten, "", nil
}

func octal(mode fs.FileMode) string { return fmt.Sprintf("%04o", mode.Perm()) }

// checkPlace tells why the file cannot be written, or nil. A file that is not ours must already hold the text.
func checkPlace(file, text string, ours bool) error {
	folder := filepath.Dir(file)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s: create it first", diagnostics.Quoted(folder))
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", diagnostics.Quoted(folder))
	}
	info, err = os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name the file itself", diagnostics.Quoted(file))
	case ours:
		return nil
	}
	present, err := os.ReadFile(file)
	if err == nil && string(present) != text {
		err = fmt.Errorf("%s exists already and holds something else, which was left as it is: move it away, or choose another path", diagnostics.Quoted(file))
	}
	return err
}

// writeFile replaces the file at once and as a whole: a worker that starts meanwhile reads the old text or the new.
func writeFile(file, text, permission string) (err error) {
	mode, err := strconv.ParseUint(permission, 8, 32)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	_, err = temporary.WriteString(text)
	err = errors.Join(err, temporary.Chmod(fs.FileMode(mode)), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}

// remove removes the file if it is still what was written; otherwise it tells why it was kept.
func (w writtenFile) remove() (kept string, err error) {
	status, difference, err := w.status()
	switch {
	case err != nil, status == fileMissing:
		return "", err
	case status == fileChanged:
		return difference, nil
	default:
		return "", os.Remove(w.Path)
	}
}

// removeAll removes all files but those to keep.
func (w writtenFiles) removeAll(keep []string) (diags diag.Diagnostics) {
	for _, file := range w {
		if file.Path == "" || slices.Contains(keep, file.Path) {
			continue
		}
		difference, err := file.remove()
		if err != nil {
			diags.AddError("Unable to remove file "+diagnostics.Quoted(file.Path), diagnostics.Sentence(err.Error()))
		}
		if difference != "" {
			diags.AddWarning("File "+diagnostics.Quoted(file.Path)+" was left where it is", "Only a file that is as it was written for a worker is removed, and "+difference+". Remove it if nobody needs it.")
		}
	}
	return diags
}

// of are the files of the workers that other has files of, too.
func (w writtenFiles) of(other writtenFiles) writtenFiles {
	both := maps.Clone(w)
	maps.DeleteFunc(both, func(worker string, _ writtenFile) bool { _, ok := other[worker]; return !ok })
	return both
}

// and is what is left of before once the files of other were written over it.
func (w writtenFiles) and(other writtenFiles) writtenFiles {
	both := maps.Clone(w)
	maps.Copy(both, other)
	return both
}
