package web

import (
	"bytes"
	"compress/gzip"
	"sync"
)

// sheets are buffers that pages are rendered and packed in, used again and
// again: a packer alone is larger than the page.
type sheets struct {
	empty   sync.Pool // of *bytes.Buffer
	packers sync.Pool // of *gzip.Writer
}

// largestSheet is the largest buffer that is kept.
const largestSheet = 256 << 10

func (s *sheets) take() *bytes.Buffer {
	if b, ok := s.empty.Get().(*bytes.Buffer); ok {
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, 32<<10))
}

func (s *sheets) give(b *bytes.Buffer) {
	if b.Cap() <= largestSheet {
		b.Reset()
		s.empty.Put(b)
	}
}

// pack writes what is packed, quickly rather than tightly, to b.
func (s *sheets) pack(b *bytes.Buffer, what []byte) {
	z, ok := s.packers.Get().(*gzip.Writer)
	if ok {
		z.Reset(b)
	} else {
		z, _ = gzip.NewWriterLevel(b, gzip.BestSpeed) // the level exists
	}
	_, _ = z.Write(what) // a buffer does not fail
	_ = z.Close()
	s.packers.Put(z)
}
