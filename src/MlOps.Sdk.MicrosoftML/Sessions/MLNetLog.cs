using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MlOps.Sdk.MLNet;

/// <summary>What the adapter of Microsoft.ML logs; the event ids are stable.</summary>
internal static partial class MLNetLog
{
    /// <summary>Passes a message of the library on, unless it is a trace.</summary>
    public static void Write(ILogger logger, LoggingEventArgs message)
    {
        switch (message.Kind)
        {
            case ChannelMessageKind.Error: LibraryError(logger, message.Source, message.RawMessage); break;
            case ChannelMessageKind.Warning: LibraryWarning(logger, message.Source, message.RawMessage); break;
            case ChannelMessageKind.Info: LibraryMessage(logger, message.Source, message.RawMessage); break;
            default: break;
        }
    }

    [LoggerMessage(10001, LogLevel.Debug, "Microsoft.ML, {Source}: {Text}")]
    private static partial void LibraryMessage(ILogger logger, string source, string text);

    [LoggerMessage(10002, LogLevel.Warning, "Microsoft.ML, {Source}: {Text}")]
    private static partial void LibraryWarning(ILogger logger, string source, string text);

    [LoggerMessage(10003, LogLevel.Error, "Microsoft.ML, {Source}: {Text}")]
    private static partial void LibraryError(ILogger logger, string source, string text);
}
