package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Machine is where something was measured.
type Machine struct {
	CPU       string
	Cores     int
	MemoryGB  int
	System    string
	Go        string
	Load      string // how many wanted a core in the last minute, before
	LoadAfter string
}

func machine() Machine {
	memory, _ := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"))
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return Machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), MemoryGB: (memory + 1<<19) >> 20,
		System: "Linux " + strings.TrimSpace(string(release)), Go: runtime.Version(), Load: load(),
	}
}

func (m Machine) line(at string) string {
	return fmt.Sprintf("%s UTC, %s, %d cores, %d GB, %s, %s; load %s before and %s after.",
		at, m.CPU, m.Cores, m.MemoryGB, m.System, m.Go, m.Load, m.LoadAfter)
}

func load() string {
	raw, _ := os.ReadFile("/proc/loadavg")
	return strings.Split(string(raw)+" ", " ")[0]
}

// field is the value after a name and a colon in a file of /proc.
func field(file, name string) string {
	f, err := os.Open(file) //nolint:gosec // of /proc
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// processor is the processor time this process has used, in seconds.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// resident is the resident memory of a process, in MB; peak is the most it was.
func resident(pid int) (now, peak float64) {
	status := fmt.Sprintf("/proc/%d/status", pid)
	mb := func(name string) float64 {
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(field(status, name), " kB"), 64)
		return kb / 1024
	}
	return mb("VmRSS"), mb("VmHWM")
}
