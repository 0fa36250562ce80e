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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// writtenFilesKey is where private state keeps writtenFiles.
const writtenFilesKey = "files"

// writtenFiles is what the last apply wrote, by worker. Private state keeps it.
type writtenFiles map[string]writtenFile

// writtenFile is the file of one worker. Its text contains secrets, so only a digest is kept.
type writtenFile struct {
	Path       string                `json:"path,omitempty"` // empty if no file is written
	Permission string                `json:"permission"`
	Text       *tfvalue.SecretDigest `json:"text"` // nil if unknown
}

// readWrittenFiles returns what the last apply wrote. Terraform drops private state when the provider crashes during an
// update. Then the paths come from the state, and the texts are unknown.
func readWrittenFiles(ctx context.Context, state model, private tfvalue.PrivateReader) (writtenFiles, diag.Diagnostics) {
	written, diags := tfvalue.ReadPrivate[writtenFiles](ctx, private, writtenFilesKey, "The record of the files written")
	if written != nil || diags.HasError() {
		return written, diags
	}
	written = writtenFiles{}
	for _, worker := range state.workerNames() {
		written[worker] = writtenFile{Path: state.filePath(worker).ValueString(), Permission: state.permission()}
	}
	return written, diags
}

// save saves the files in private state.
func (w writtenFiles) save(ctx context.Context, private tfvalue.PrivateWriter) diag.Diagnostics {
	return tfvalue.SavePrivate(ctx, private, writtenFilesKey, w)
}

// sameText reports whether the renderings are of the same workers and have the same texts.
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

// paths returns the paths of the files, ordered by worker.
func (w writtenFiles) paths() []string {
	var paths []string
	for _, worker := range slices.Sorted(maps.Keys(w)) {
		if file := w[worker].Path; file != "" {
			paths = append(paths, file)
		}
	}
	return paths
}

// status compares the file with what was written. The difference completes a sentence for the user.
func (w writtenFile) status() (status, difference string, err error) {
	info, err := os.Stat(w.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileMissing, "the file no longer exists", nil
	case err != nil:
		return "", "", err
	}
	if w.Text == nil {
		return fileChanged, "the provider was interrupted during an update, so it does not know whether the file was modified", nil
	}
	text, err := os.ReadFile(w.Path)
	switch {
	case err != nil:
		return "", "", err
	case !w.Text.Matches(string(text)):
		return fileChanged, "its content was modified after Terraform wrote it", nil
	case octal(info.Mode()) != w.Permission:
		return fileChanged, "its permission was changed from " + w.Permission + " to " + octal(info.Mode()), nil
	}
	return fileWritten, "", nil
}

func octal(mode fs.FileMode) string { return fmt.Sprintf("%04o", mode.Perm()) }

// checkTarget returns an error if the file cannot be written. A file that exists and is not the resource's own must already
// contain the text.
func checkTarget(file, text string, own bool) error {
	folder := filepath.Dir(file)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder %s does not exist: create it first", diagnostics.Quoted(folder))
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
		return fmt.Errorf("%s is a folder: add the name of the file", diagnostics.Quoted(file))
	case own:
		return nil
	}
	present, err := os.ReadFile(file)
	if err == nil && string(present) != text {
		err = fmt.Errorf("%s already exists with different content and was not changed: move it, or choose another path", diagnostics.Quoted(file))
	}
	return err
}

// writeFile replaces the file atomically: a worker that starts meanwhile reads either the old text or the new one.
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

// remove removes the file if it is unchanged since it was written. Otherwise it returns the difference.
func (w writtenFile) remove() (difference string, err error) {
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

// removeAll removes all files except those to keep.
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
			diags.AddWarning("File "+diagnostics.Quoted(file.Path)+" was not removed", diagnostics.Sentence(difference)+" Delete it if it is no longer needed.")
		}
	}
	return diags
}

// intersect returns the files of the workers that are also in other.
func (w writtenFiles) intersect(other writtenFiles) writtenFiles {
	both := maps.Clone(w)
	maps.DeleteFunc(both, func(worker string, _ writtenFile) bool { _, ok := other[worker]; return !ok })
	return both
}

// merge returns the files of both; other takes precedence.
func (w writtenFiles) merge(other writtenFiles) writtenFiles {
	merged := maps.Clone(w)
	maps.Copy(merged, other)
	return merged
}
