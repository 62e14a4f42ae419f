using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>
/// What is recorded of a model version, in the sections of Mitchell et al. (2019), <i>Model Cards for Model Reporting</i>. Every statement
/// is a recorded fact; what nobody recorded is listed in <see cref="Missing"/> and not made up. Immutable.
/// </summary>
public sealed record ModelCard
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The version.</summary>
    public required int Version { get; init; }

    /// <summary>The hash of what decides predictions.</summary>
    public required string ContentHash { get; init; }

    /// <summary>When the card was made, in UTC: later records are not in it.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>The sections, in order; those of which nothing is recorded are there, and empty.</summary>
    public required IReadOnlyList<ModelCardSection> Sections { get; init; }

    /// <summary>What is missing, in the order of the sections.</summary>
    public required IReadOnlyList<ModelCardGap> Missing { get; init; }

    /// <summary>
    /// The card as CommonMark with the tables of GitHub. Texts of people and data are escaped: they are text, whatever they hold.
    /// </summary>
    public string ToMarkdown() => ModelCardMarkdown.Write(this);

    /// <summary>The card as a page of HTML that needs nothing else and runs no script. Texts of people and data are escaped.</summary>
    /// <param name="title">The title; by default the model and version.</param>
    public string ToHtml(string? title = null) => ModelCardPage.Write(this, title);

    /// <summary>The model and version, and how much is missing.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Card of {Model} version {Version}, {Prose.Count(Missing.Count, "statement")} missing") +
        string.Concat(Missing.Select(gap => $"{Environment.NewLine}  {gap.Section}: {gap.What}"));
}
