using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>The run that rows or findings come from, so that a saved page can be told from others.</summary>
/// <param name="Lifecycle">The lifecycle.</param>
/// <param name="RunId">The run whose result it is; another run may have taken it over.</param>
/// <param name="StartedAt">When the run began, in UTC.</param>
/// <param name="Source">The sources of the rows, by name, separated by commas; empty when they are not known.</param>
public sealed record RunOrigin(string Lifecycle, string RunId, DateTimeOffset StartedAt, string Source)
{
    /// <summary>The column with the truth; <see langword="null"/> when it is not known.</summary>
    public string? Label { get; init; }

    /// <summary>The run, its lifecycle, when it began, and its sources, in a line.</summary>
    public override string ToString() =>
        $"Run {RunId} of {HtmlPage.Name(Lifecycle)}, begun {HtmlPage.Moment(StartedAt)}" +
        (Source.Length == 0 ? "" : $"; data from {HtmlPage.Name(Source)}");
}
