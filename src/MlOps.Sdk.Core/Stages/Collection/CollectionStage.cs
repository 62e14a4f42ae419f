using System.Globalization;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Stage 2: reads the sources once and keeps the rows as they are, so that every later stage, run and audit sees the same ones.
/// </summary>
internal sealed class CollectionStage(
    CollectionPlan plan,
    Func<CancellationToken, Task<EarlierCollection?>> findEarlier) : IStage
{
    public const string Rows = "rows";
    public const string Malformed = "malformed";
    public const string Summary = "summary";

    public LifecycleStage Kind => LifecycleStage.Collection;

    public IReadOnlyList<StageInput> Inputs => [];

    public async ValueTask<StageWork> PrepareAsync(
        FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        var earlier = plan.Sources.Any(source => source.Reading.OnlyNew)
            ? await findEarlier(cancellationToken).ConfigureAwait(false)
            : null;
        var reader = await CollectionReader.OpenAsync(
            plan, earlier, context.Run.Services, context.Run.Time, cancellationToken).ConfigureAwait(false);
        var work = new CollectionWork(plan, reader, earlier);
        try
        {
            Describe(reader, earlier, fingerprint);
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new StageWork(token => work.ExecuteAsync(context, token), reader);
    }

    private void Describe(CollectionReader reader, EarlierCollection? earlier, FingerprintBuilder fingerprint)
    {
        fingerprint.Add("columns", reader.Schema.ToString());
        foreach (var type in reader.SourceTypes.Distinct()) fingerprint.AddCode("the sources", type);
        var settings = string.Join('\n', plan.Sources.Select(source => source.Reading.Settings));
        if (settings.Trim().Length > 0) fingerprint.Add("columns and sample of the sources", settings);
        if (reader.Personal.Count > 0) fingerprint.Add("personal columns", string.Join('\n', reader.Personal));
        if (plan.Malformed != MalformedRows.Fail)
        {
            fingerprint.Add("malformed rows", string.Create(CultureInfo.InvariantCulture, $"{plan.Malformed} up to {plan.Tolerance:R}"));
        }
        if (earlier is not null)
        {
            fingerprint.Add("what was read earlier", string.Join('\n', earlier.Summary.Sources.Select(source => source.Watermark)));
            if (plan.KeepsEarlierRows) fingerprint.Add("earlier rows", earlier.Rows.ToString());
        }

        if (reader.Version is { } version) fingerprint.Add("content of the sources", version.Value);
        else fingerprint.SetOpaque($"{string.Join(", ", reader.Names)} cannot determine whether its content has changed");
    }
}
