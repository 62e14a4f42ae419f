using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>A metric, parameter or tag that is shown as a column.</summary>
/// <param name="Name">The field as it was typed.</param>
/// <param name="IsNumber">Whether its values are numbers.</param>
/// <param name="Of">Its value in a run; <see langword="null"/> where the run has none.</param>
internal sealed record ShownField(string Name, bool IsNumber, Func<FoundRun, string?> Of)
{
    public string Header => IsNumber ? $"{Name}#" : Name;

    /// <exception cref="UsageException">It is not a field that can be shown.</exception>
    public static ShownField Parse(string field)
    {
        var dot = field.IndexOf('.', StringComparison.Ordinal);
        var (family, name) = dot < 0 ? (field, "") : (field[..dot], field[(dot + 1)..]);
        return (family, name.Length > 0) switch
        {
            ("metrics", true) => new(field, true, run => run.Metrics.TryGetValue(name, out var value) ? Shown.Number(value) : null),
            ("params", true) => new(field, false, run => run.Parameters.GetValueOrDefault(name)),
            ("tag" or "tags", true) => new(field, false, run => run.Tags.GetValueOrDefault(name)),
            _ => throw new UsageException(
                $"'{field}' is not a field that can be shown.", "Name metrics.NAME, params.NAME or tag.NAME."),
        };
    }
}
