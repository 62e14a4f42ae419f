using System.Diagnostics;
using System.Reflection;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Plugins;

/// <summary>Makes what a plug-in throws a failure that names it.</summary>
internal static class PluginFailure
{
    private static readonly Assembly Library = typeof(PluginFailure).Assembly;

    /// <summary>The failure as the library reports it: one of its own gets the stage, and any other is wrapped.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="stage">The stage that was in progress; <see langword="null"/> where none was.</param>
    public static MlOpsException Of(Exception exception, LifecycleStage? stage)
    {
        var cause = CauseOf(exception);
        var failure = cause as MlOpsException ?? Wrap(exception, cause, stage);
        failure.Stage ??= stage;
        failure.Plugin ??= NameOf(cause);
        return failure;
    }

    // Its message may hold what must not be kept; the exception itself is there for who debugs.
    private static MlOpsException Wrap(Exception exception, Exception cause, LifecycleStage? stage)
    {
        var plugin = NameOf(cause);
        var who = plugin is null ? $"{(stage is null ? "The run" : $"Stage {stage}")} failed" : $"The plug-in {plugin} failed";
        return new MlOpsException(
            $"{who} with {cause.GetType().Name}: {Secrets.Blank(cause.Message).TrimEnd('.')}.",
            plugin is null
                ? "See the inner exception; if it comes from the library itself, please report it."
                : "Fix the plug-in or its inputs; the inner exception shows where it failed.",
            exception) { Plugin = plugin };
    }

    /// <summary>What an exception that only carries others is about.</summary>
    public static Exception CauseOf(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [var only] } => CauseOf(only),
        AggregateException many when many.Flatten().InnerExceptions is [var first, ..] inner
            && inner.All(other => other is OperationCanceledException) => first,
        TargetInvocationException { InnerException: { } inner } => CauseOf(inner),
        TypeInitializationException { InnerException: { } inner } => CauseOf(inner),
        _ => exception,
    };

    // Of what failed first, the innermost code that is a plug-in by its type; else the innermost that knows the library, such as a
    // function given to it.
    private static string? NameOf(Exception exception)
    {
        if (exception.InnerException is { } inner && NameOf(inner) is { } name) return name;
        string? code = null;
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (TypeOf(frame) is not { } type || type.Assembly == Library || !Knows(type.Assembly)) continue;
            if (type.GetInterfaces().Any(face => face.Assembly == Library)) return type.FullName;
            code ??= type.FullName;
        }

        return code;
    }

    // Of a lambda or an async method, the class that it is written in.
    private static Type? TypeOf(StackFrame frame)
    {
        var type = frame.GetMethod()?.DeclaringType;
        while (type is { DeclaringType: { } outer } && type.Name.StartsWith('<')) type = outer;
        return type;
    }

    private static bool Knows(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Any(reference => reference.Name == Library.GetName().Name);
}
