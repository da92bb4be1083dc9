package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/tunnel"
)

// secured is a way whose far end speaks TLS and shows a certificate for a name.
type secured struct {
	tunnel.Way
	name string
}

// Dial gives a connection on which TLS is spoken already.
func (s secured) Dial(ctx context.Context) (net.Conn, error) {
	connection, err := s.Way.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return tls.Client(connection, &tls.Config{ServerName: s.name, MinVersion: tls.VersionTLS12}), nil
}

// listener is an end by its name, and the port at which it begins; 0 is the usual one.
type listener struct {
	end  string
	port int
}

// parseListeners reads words such as database and ui=8080; none is the database.
func parseListeners(words []string) (listeners []listener, err error) {
	if len(words) == 0 {
		words = []string{"database"}
	}
	for _, word := range words {
		name, port, given := strings.Cut(word, "=")
		l := listener{end: name}
		if given {
			if l.port, err = strconv.Atoi(port); err != nil || l.port < 1 || l.port > 65535 {
				return nil, fmt.Errorf("%q: a port is 1 to 65535", word)
			}
		}
		if ends[name] == nil {
			return nil, fmt.Errorf("%q: is unknown; database, ui, psql and run are allowed", word)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// open listens at a port, 0 is any, for an end of the stack. The outputs are read anew each time a task is started: an
// update has made another task definition.
func open(ctx context.Context, s stack, at end, name string, port int) (*tunnel.Tunnel, error) {
	return tunnel.Listen(ctx, port, at.gateway.Far(at.host, at.port), func(ctx context.Context) (tunnel.Way, error) {
		found, err := s.read(ctx)
		if err != nil {
			return nil, err
		}
		now, err := ends[name](found)
		if err != nil {
			return nil, err
		}
		way, err := now.gateway.Open(ctx, now.host, now.port)
		if err != nil || now.name == "" {
			return way, err
		}
		return secured{way, now.name}, nil
	}, at.gateway.Tell)
}

// serve listens until the context ends.
func serve(ctx context.Context, s stack, listeners []listener) (err error) {
	found, err := s.read(ctx)
	if err != nil {
		return err
	}
	for _, l := range listeners {
		at, err := ends[l.end](found)
		if err != nil {
			return err
		}
		opened, err := open(ctx, s, at, l.end, cmp.Or(l.port, at.local))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, opened.Close()) }()
		at.gateway.Tell(fmt.Sprintf(at.told, opened.Address()) + "; Ctrl-C ends")
	}
	<-ctx.Done()
	return nil
}

// psql opens psql as Dagster's active user, whose password comes from Parameter Store, at any port.
func psql(ctx context.Context, s stack, arguments []string) error {
	found, err := s.read(ctx)
	if err != nil {
		return err
	}
	at, err := found.database()
	if err != nil {
		return err
	}
	user, password, err := credentials(ctx, at.gateway.Region, found.Parameters)
	if err != nil {
		return err
	}
	opened, err := open(ctx, s, at, "database", 0)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(opened.Address())
	if err != nil {
		return errors.Join(err, opened.Close())
	}
	command := exec.Command("psql", arguments...) // which Ctrl-C is for
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "PGHOST="+host, "PGPORT="+port, "PGDATABASE="+found.DatabaseName,
		"PGUSER="+user, "PGPASSWORD="+password, "PGSSLMODE=require", "PGCONNECT_TIMEOUT="+strconv.Itoa(connectSeconds))
	if err := command.Run(); err != nil {
		return errors.Join(fmt.Errorf("psql: %w", err), opened.Close())
	}
	return opened.Close()
}

// connectSeconds is how long psql waits for the gateway's task.
const connectSeconds = 300

// credentials are those of Dagster's active user.
func credentials(ctx context.Context, region, path string) (user, password string, err error) {
	config, err := awsapi.Load(ctx, region)
	if err != nil {
		return "", "", err
	}
	client := ssm.NewFromConfig(config)
	for name, value := range map[string]*string{
		dagsterconf.DatabaseUserVariable: &user, dagsterconf.DatabasePasswordVariable: &password,
	} {
		got, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(path + "/" + name), WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", "", fmt.Errorf("read the parameter %s/%s: %w", path, name, err)
		}
		*value = aws.ToString(got.Parameter.Value)
	}
	return user, password, nil
}
