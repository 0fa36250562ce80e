package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// writtenFilesKey is where private state keeps writtenFiles.
const writtenFilesKey = "files"

// writtenFiles is what the last apply wrote, by worker. Private state keeps it.
type writtenFiles map[string]writtenFile

// writtenFile is the file of one worker. Its text contains secrets, so only a digest is kept.
type writtenFile struct {
	Path       string                `json:"path,omitempty"`   // empty if no file is written
	Target     string                `json:"target,omitempty"` // the file that the path led to; empty if unknown
	Permission string                `json:"permission"`
	Text       *tfvalue.SecretDigest `json:"text"` // nil if unknown

	replaced bool // a file existed when this run wrote it
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

// files returns the files that the paths lead to.
func (w writtenFiles) files() map[string]bool {
	files := map[string]bool{}
	for _, written := range w {
		if written.Path != "" {
			files[resolve(written.Path)] = true
		}
	}
	return files
}

// own reports whether the path of a written file leads to the file. A symbolic link that leads to another file than it did
// does not count: that file is not the resource's own.
func (w writtenFiles) own(file string) bool {
	for _, written := range w {
		if written.Path != "" && resolve(written.Path) == file && (written.Target == "" || written.Target == file || !isLink(written.Path)) {
			return true
		}
	}
	return false
}

// wrote reports whether the text of the file is what was written to its path, as when a written file was moved and a symbolic
// link leads to it.
func (w writtenFiles) wrote(file, text string) bool {
	for _, written := range w {
		if written.Path != "" && resolve(written.Path) == file && written.Text.Matches(text) {
			return true
		}
	}
	return false
}

// finding is what is found at the path of a written file.
type finding struct {
	status     string // value of file_status
	difference string // completes a sentence for the user; empty if the file is unchanged
	blocked    bool   // not a regular file, so that the apply does not replace it
}

// inspect compares the file with what was written. A file that cannot be read counts as changed.
func (w writtenFile) inspect() finding { return w.inspectOn(runtime.GOOS) }

func (w writtenFile) inspectOn(system string) finding {
	text, info, err := readRegular(w.Path)
	var irregular *irregularError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return finding{status: fileMissing, difference: "the file no longer exists"}
	case errors.As(err, &irregular):
		return finding{status: fileChanged, difference: irregular.kind + " is at this path now", blocked: true}
	case err != nil:
		return finding{status: fileChanged, difference: "the file cannot be read: " + err.Error()}
	case w.Text == nil:
		return finding{status: fileChanged, difference: "the provider was interrupted during an update, so it does not know whether the file was modified"}
	case !w.Text.Matches(text):
		return finding{status: fileChanged, difference: "its content was modified after Terraform wrote it"}
	case hasPermissions(system) && octal(info.Mode()) != w.Permission:
		return finding{status: fileChanged, difference: "its permission was changed from " + w.Permission + " to " + octal(info.Mode())}
	}
	return finding{status: fileWritten}
}

// hasPermissions reports whether files of the operating system have the permission that was set. On Windows, Go sets only the
// attribute read-only, and reports 0666 or 0444.
func hasPermissions(system string) bool { return system != "windows" }

func octal(mode fs.FileMode) string { return fmt.Sprintf("%04o", mode.Perm()) }

// write writes the text to the file that the path leads to, and notes this file. It warns at the attribute if the file gets
// another owner.
func (w *writtenFile) write(at path.Path, text string) (diags diag.Diagnostics, err error) {
	w.Target = resolve(w.Path)
	_, err = os.Lstat(w.Target)
	w.replaced = err == nil
	diags.Append(removeTemporaryFiles(w.Target)...)
	ownership, err := writeFile(w.Target, text, w.Permission)
	if ownership != "" {
		diags.AddAttributeWarning(at, "File "+diagnostics.Quoted(w.Path)+" has another owner now", diagnostics.Sentence(ownership)+
			" The user who runs Terraform is not permitted to keep the owner. A worker that runs as another user may be unable to read the file. "+
			"Run Terraform as the owner or as root, or restore the owner with chown.")
	}
	return diags, err
}

// remove removes the file if it is unchanged since it was written. Otherwise it returns the difference.
func (w writtenFile) remove() (difference string, err error) {
	switch found := w.inspect(); found.status {
	case fileMissing:
		return "", nil
	case fileChanged:
		return found.difference, nil
	default:
		return "", os.Remove(resolve(w.Path))
	}
}

// removeAll removes all files except those to keep.
func (w writtenFiles) removeAll(keep func(file string) bool) (diags diag.Diagnostics) {
	for _, worker := range slices.Sorted(maps.Keys(w)) {
		written := w[worker]
		if written.Path == "" {
			continue
		}
		file, name := resolve(written.Path), diagnostics.Quoted(written.Path)
		if keep(file) {
			continue
		}
		link := isLink(written.Path)
		difference, err := written.remove()
		switch {
		case err != nil:
			diags.AddError("Unable to remove file "+name, diagnostics.Sentence(err.Error()))
		case difference != "":
			diags.AddWarning("File "+name+" was not removed", diagnostics.Sentence(difference)+" Delete it if it is no longer needed.")
		case link:
			diags.AddWarning("Symbolic link "+name+" was not removed", "Terraform did not create the link. Its target "+diagnostics.Quoted(file)+
				" was removed. Delete the link if it is no longer needed.")
		}
		diags.Append(removeTemporaryFiles(file)...)
	}
	return diags
}

// removeTemporaryFiles removes the temporary files of a file that a killed provider left.
func removeTemporaryFiles(file string) (diags diag.Diagnostics) {
	if err := removeTemporary(file); err != nil {
		diags.AddWarning("Temporary files of "+diagnostics.Quoted(file)+" were not removed",
			"A run that was killed left them, and they may contain secrets. Delete them. "+diagnostics.Sentence(err.Error()))
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
