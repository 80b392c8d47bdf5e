package demo

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf16"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/files"
)

// paper uploads a made-up document for a step that somebody takes, as a browser
// would: into the store that the program serves from. The token is for the step.
func (l *loader) paper(ctx context.Context, by authz.Actor, title string, lines ...string) (token string, err error) {
	p, err := l.Files.Hold(ctx, by, files.Incoming{
		Name: title + "（演示）.pdf", Data: bytes.NewReader(document(title, lines)), Form: "demonstration",
	})
	return p.Token, err
}

// marked is what stands on every document.
var marked = []string{"演示数据", "本文件由程序编写，不是真实材料，不说明任何单位或个人的情况。", "Demonstration data: not a real document"}

// widest is how many Chinese characters fit on a line of text.
const widest = 36

// document is a page of PDF that says first that it is made up. Its Chinese font
// is the reader's own (STSong-Light, one of those every reader knows).
func document(title string, lines []string) []byte {
	var text bytes.Buffer
	y := 790
	write := func(grey string, size, step int, words string) {
		y -= step
		fmt.Fprintf(&text, "%s rg BT /F1 %d Tf 72 %d Td <", grey, size, y)
		for _, unit := range utf16.Encode([]rune(words)) {
			fmt.Fprintf(&text, "%04X", unit)
		}
		text.WriteString("> Tj ET\n")
	}
	for i, words := range marked {
		write("0.7 0.1 0.1", []int{20, 11, 11}[i], 22, words)
	}
	write("0 0 0", 18, 60, title)
	y -= 16
	for _, line := range lines {
		for words := []rune(line); len(words) > 0; {
			n := min(widest, len(words))
			write("0 0 0", 12, 22, string(words[:n]))
			words = words[n:]
		}
	}
	return portable([]string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%sendstream", text.Len(), text.Bytes()),
		"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light-UniGB-UCS2-H/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
		"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>" +
			"/FontDescriptor 7 0 R/DW 1000/W[1 95 500]>>",
		"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
	})
}

// portable is a PDF of numbered objects, the first its catalogue.
func portable(objects []string) []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "%PDF-1.4\n")
	at := make([]int, len(objects))
	for i, object := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj%s endobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return b.Bytes()
}
