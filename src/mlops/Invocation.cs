using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MlOps.Sdk.Tool;

/// <summary>A command line that is being carried out: its values, its workspace, and where it writes.</summary>
internal sealed class Invocation(ParseResult parsed, SharedOptions shared, Terminal terminal)
{
    public Terminal Terminal => terminal;

    public bool IsJson => parsed.GetValue(shared.Json);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T Get<T>(Argument<T> argument)
        where T : notnull => parsed.GetRequiredValue(argument);

    /// <summary>The value of an argument that may be left out.</summary>
    public T? Find<T>(Argument<T?> argument)
        where T : struct => parsed.GetValue(argument);

    /// <summary>The value of an option that must be given.</summary>
    public T Require<T>(Option<T> option) => parsed.GetRequiredValue(option);

    /// <summary>The text of an argument that may be left out.</summary>
    public string? Find(Argument<string?> argument) => parsed.GetValue(argument);

    /// <summary>Opens the workspace; none is created.</summary>
    /// <exception cref="MlOpsException">There is none, or it cannot be opened.</exception>
    public Task<Workspace> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_ => { }, cancellationToken);

    /// <summary>Opens the workspace with options of the command; none is created.</summary>
    /// <exception cref="MlOpsException">There is none, or it cannot be opened.</exception>
    public Task<Workspace> OpenAsync(Action<WorkspaceOptions> configure, CancellationToken cancellationToken) => WorkspacePlace.OpenAsync(
        WorkspacePlace.Of(parsed.GetValue(shared.Workspace), terminal),
        options =>
        {
            if ((parsed.GetValue(shared.Actor) ?? terminal.Variable(SharedOptions.ActorVariable)) is { } actor) options.Actor = actor;
            configure(options);
        },
        cancellationToken);

    /// <summary>Shows a result: as JSON with <c>--json</c>, else as people read it.</summary>
    public void Show<T>(T document, JsonTypeInfo<T> type, Action<T> show)
    {
        if (IsJson) terminal.Out.WriteLine(JsonSerializer.Serialize(document, type));
        else show(document);
    }

    /// <summary>Shows a result that has a JSON of its own.</summary>
    public void Show<T>(T document, Func<T, byte[]> json, Action<T> show)
    {
        if (IsJson) terminal.Out.WriteLine(System.Text.Encoding.UTF8.GetString(json(document)));
        else show(document);
    }

    /// <summary>Writes a page, and says so to people.</summary>
    public Task WritePageAsync(string? path, Func<string> page, CancellationToken cancellationToken) =>
        WritePageAsync(path, page, isTold: true, cancellationToken);

    /// <summary>Writes a page, and says so to people, unless the output holds a document of its own.</summary>
    public async Task WritePageAsync(string? path, Func<string> page, bool isTold, CancellationToken cancellationToken)
    {
        if (path is null) return;
        await File.WriteAllTextAsync(path, page(), cancellationToken).ConfigureAwait(false);
        if (isTold && !IsJson) terminal.Line($"The page is in {path}.");
    }
}
