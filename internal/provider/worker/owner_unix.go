//go:build unix

package worker

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives the file the owner and the group of the file that it replaces. The user who runs Terraform may be permitted
// to set both, the group only, or neither. If one differs, it returns the difference.
func keepOwner(file *os.File, replaced fs.FileInfo) (difference string, err error) {
	want, ok := replaced.Sys().(*syscall.Stat_t)
	if !ok {
		return "", nil
	}
	have, err := ownerOf(file)
	if err != nil || have.Uid == want.Uid && have.Gid == want.Gid {
		return "", err
	}
	if file.Chown(int(want.Uid), int(want.Gid)) != nil {
		_ = file.Chown(-1, int(want.Gid)) // the comparison below finds what could not be changed
	}
	have, err = ownerOf(file)
	if err != nil || have.Uid == want.Uid && have.Gid == want.Gid {
		return "", err
	}
	return fmt.Sprintf("it belonged to user %d and group %d, and now belongs to user %d and group %d", want.Uid, want.Gid, have.Uid, have.Gid), nil
}

func ownerOf(file *os.File) (owner syscall.Stat_t, err error) {
	err = syscall.Fstat(int(file.Fd()), &owner)
	return owner, err
}
