package leak

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStrays(t *testing.T) {
	stop := make(chan struct{})
	started := make(chan struct{})
	go func() {
		close(started)
		<-stop
	}()
	<-started
	require.Contains(t, strays(stacks())[1], "TestStrays.func1", "the first is this test")
	close(stop)
	require.Empty(t, strays("goroutine 1 [running]:\nmain.main()\n\ngoroutine 2 [select]:\nnet/http.serve()"), "not of this module")
	require.Empty(t, strays("goroutine 1 [running]:\ngithub.com/postern-go/postern/fastcgi.TestMain()"), "who asks")
}

func TestDescriptors(t *testing.T) {
	before := descriptors()
	file, err := os.Open(os.DevNull)
	require.NoError(t, err)
	require.Equal(t, before+1, descriptors())
	require.NoError(t, file.Close())
	require.Equal(t, before, descriptors())
}
