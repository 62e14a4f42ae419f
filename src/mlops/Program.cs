using System.Runtime.InteropServices;
using System.Text;
using MlOps.Sdk.Tool;

// What is written may be anything; the console of Windows has a code page of its own.
try
{
    Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
}
catch (IOException)
{
    // There is no console.
}

using var interrupted = new CancellationTokenSource();
var signal = PosixSignal.SIGINT;

// The first signal cancels what is done, so that nothing is left half done; the second one ends the process. Who waits for a pipe or a
// file of a network does not hear of it, so that the process ends after a while by itself: what a workspace has is whole at any time.
void Cancel(PosixSignalContext context)
{
    if (interrupted.IsCancellationRequested) return;
    signal = context.Signal;
    context.Cancel = true;
    _ = Task.Delay(TimeSpan.FromSeconds(10)).ContinueWith(
        _ => Environment.Exit(signal == PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Cancelled), TaskScheduler.Default);
    interrupted.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
var code = await CommandLine.RunAsync(
    args,
    new Terminal(
        new Screen(Console.Out, !Console.IsOutputRedirected),
        new Screen(Console.Error, !Console.IsErrorRedirected),
        Environment.GetEnvironmentVariable),
    interrupted.Token).ConfigureAwait(false);
return code == ExitCode.Cancelled && signal == PosixSignal.SIGTERM ? ExitCode.Terminated : code;
