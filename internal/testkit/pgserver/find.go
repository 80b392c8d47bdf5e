package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrNotInstalled is the answer where there are no PostgreSQL binaries.
var ErrNotInstalled = errors.New("PostgreSQL 15 or newer is needed by the tests and was not found; " +
	"install it: apt-get install --no-install-recommends postgresql")

// Find returns the folder of the server's binaries: of initdb in PATH, or the
// newest that Debian installed.
func Find() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		target, err := filepath.EvalSymlinks(initdb) // the other programs are beside the file, not the link
		return filepath.Dir(target), err
	}
	best, newest := "", 14
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	for _, initdb := range found {
		bin := filepath.Dir(initdb)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(bin))); err == nil && v > newest {
			best, newest = bin, v
		}
	}
	if best == "" {
		return "", ErrNotInstalled
	}
	return best, nil
}

// account is whom the server runs as: PostgreSQL refuses root.
type account struct{ credential *syscall.Credential }

// unprivileged is ourselves, or for root the first of postgres and nobody.
func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody; " +
		"add one: useradd --system postgres")
}

// tempDir is a folder the account can reach; root's own TMPDIR may be closed to it.
func (a account) tempDir() string {
	if a.credential == nil {
		return ""
	}
	return "/tmp"
}

// own gives the folder to the account.
func (a account) own(dir string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(dir, int(a.credential.Uid), int(a.credential.Gid))
}

// become makes the command run as the account, apart from our terminal's
// process group: Ctrl-C is for the tests, which then let the server go.
func (a account) become(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Setpgid: true}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
}
