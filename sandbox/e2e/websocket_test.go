//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// errClosed is a close frame: the other side ended the websocket in good order.
var errClosed = errors.New("the websocket was closed")

// websocketStream is a websocket (RFC 6455) for messages in one frame each.
type websocketStream struct {
	stream io.ReadWriteCloser
	reader *bufio.Reader
}

func dialWebsocket(ctx context.Context, url, protocol string) (*websocketStream, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	for key, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": protocol,
	} {
		request.Header.Set(key, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	stream, both := response.Body.(io.ReadWriteCloser)
	if response.StatusCode != http.StatusSwitchingProtocols || !both {
		response.Body.Close()
		return nil, fmt.Errorf("the upgrade was answered by %s", response.Status)
	}
	return &websocketStream{stream, bufio.NewReader(stream)}, nil
}

const (
	textFrame, closeFrame, pingFrame, pongFrame = 1, 8, 9, 10
	finalFrame, maskedFrame                     = 0x80, 0x80
	shortLength, mediumLength                   = 126, 127
)

// send sends a message as a client has to: masked.
func (s *websocketStream) send(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return s.frame(textFrame, text)
}

func (s *websocketStream) frame(kind byte, text []byte) error {
	frame := []byte{finalFrame | kind}
	if len(text) < shortLength {
		frame = append(frame, maskedFrame|byte(len(text)))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, maskedFrame|shortLength), uint16(len(text)))
	}
	mask := make([]byte, 4)
	if _, err := rand.Read(mask); err != nil {
		return err
	}
	frame = append(frame, mask...)
	for i, each := range text {
		frame = append(frame, each^mask[i%len(mask)])
	}
	_, err := s.stream.Write(frame)
	return err
}

// receive answers the next message.
func (s *websocketStream) receive() ([]byte, error) {
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(s.reader, head); err != nil {
			return nil, fmt.Errorf("read a frame: %w", err)
		}
		length := uint64(head[1])
		if extended := map[uint64]int{shortLength: 2, mediumLength: 8}[length]; extended > 0 {
			wide := make([]byte, 8)
			if _, err := io.ReadFull(s.reader, wide[8-extended:]); err != nil {
				return nil, fmt.Errorf("read a frame's length: %w", err)
			}
			length = binary.BigEndian.Uint64(wide)
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(s.reader, text); err != nil {
			return nil, fmt.Errorf("read a frame's text: %w", err)
		}
		switch head[0] & 0x0f {
		case textFrame:
			return text, nil
		case closeFrame:
			return nil, errClosed
		case pingFrame:
			if err := s.frame(pongFrame, text); err != nil {
				return nil, err
			}
		}
	}
}
