package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/web"
)

// documents are the operations of what is uploaded (附件). A program sends a
// document first, and names its token in the request that it belongs to.
type documents struct{ store *files.Service }

func (d documents) operations() []operation {
	return []operation{
		creates("uploadFile", "/uploads", words{"上传附件", "Upload a document"}, d.hold, d.held).needs("file:write").takesFile().
			note("内容就是请求体。得到的 token 写进需求、服务记录、认领或机构的 files，或者导入的 token，一天之内有效，只有你能用。是什么文件看内容，不看名字。",
				"The body is the content. Put the token into files of a need, a delivery, a claim or an institution, or into token of an import, within a day; it is yours alone. What it is is decided by its content, not by its name."),
	}
}

// Upload is a document that waits for its record.
type Upload struct {
	Token   string `json:"token" doc:"写进 files 或 token 的号|What goes into files or token"`
	Name    string `json:"name" doc:"文件名|File name"`
	Type    string `json:"type" doc:"媒体类型，看内容定的|Media type, as the content says"`
	Size    int64  `json:"size" doc:"字节|Bytes"`
	Renamed bool   `json:"renamed" doc:"内容和扩展名不符，改了名|The content is something else than the name said, which was corrected"`
}

type upload struct {
	Name string `query:"name" maxLength:"255" doc:"文件名，带扩展名|File name with its extension"`
}

// hold takes the body to a file of the system first: it is read twice, and may be
// larger than memory should be.
func (d documents) hold(ctx context.Context, c *Call, in *upload) (string, error) {
	if in.Name == "" {
		return "", fault.Fields{{Name: "name", Key: "field.required"}}.Err()
	}
	spool, err := os.CreateTemp("", "qiban-upload-*")
	if err != nil {
		return "", fault.Because(err, fault.Unavailable, "files.unavailable")
	}
	defer func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name()) // what stays behind is the system's temporary folder's to clear
	}()
	web.Extend(c.w)
	most := d.store.Limits().File
	_, err = io.Copy(spool, http.MaxBytesReader(c.w, c.r.Body, most))
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return "", refuse(tooLarge, "api.say.too_large", "max", most>>20)
	}
	if err != nil {
		return "", refuse(malformed, "api.say.cut_off")
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	// The key keeps apart what a program sends and what its person sends by form.
	p, err := d.store.Hold(ctx, c.By, files.Incoming{Name: in.Name, Data: spool, Form: "key " + c.By.Key})
	c.upload = Upload{Token: p.Token, Name: p.Name, Type: p.Type, Size: p.Size, Renamed: p.Renamed}
	return "", err
}

func (d documents) held(_ context.Context, c *Call, _ string) (Upload, error) { return c.upload, nil }

// opens is a document to be taken away.
func opens[I any](id, path string, about words, open func(context.Context, *Call, *I) (files.File, io.ReadSeekCloser, error)) operation {
	return sends(id, path, about, func(ctx context.Context, c *Call, in *I) error {
		f, data, err := open(ctx, c, in)
		if err != nil {
			return err
		}
		return c.api.Kit.Download(c.w, c.r, web.Download{Name: f.Name, Type: f.Type, Data: data})
	})
}

// sends is a document that send answers.
func sends[I any](id, path string, about words, send func(context.Context, *Call, *I) error) operation {
	o := operation{
		id: id, method: http.MethodGet, path: path, about: about, status: http.StatusOK, input: inputOf(reflect.TypeFor[I]()), file: true,
	}
	o.run = func(ctx context.Context, c *Call) error {
		var in I
		if err := c.read(&in); err != nil {
			return err
		}
		return send(ctx, c, &in)
	}
	return o
}

// filed names a document of a record.
type filed struct {
	byID
	File string `path:"file" doc:"附件的编号|Id of the document"`
}

// fileOf translates a document; delivery is the one it belongs to, if it does.
func fileOf(f files.File, delivery string) File {
	return File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Delivery: delivery, By: f.ByName, At: instant(f.At)}
}

func filesOf(list []files.File) []File {
	return each(list, func(f files.File) File { return fileOf(f, "") })
}
