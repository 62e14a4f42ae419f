using MlOps.Sdk;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>Set-wise steps, and splits other than by key.</summary>
internal static class CampaignLifecycle
{
    public static void Join(ProcessingBuilder data, string calls, string plans)
    {
        // begin-snippet: point-in-time
        data
            .ParseDates("contacted", ["dd.MM.yyyy HH:mm"], zone: "Europe/Berlin") // texts become points in time
            .DropDuplicates(["customer", "contacted"], KeepRow.Last)
            .Join(DataSources.Csv(plans), on: ["plan"], columns: ["price"])
            .PointInTimeJoin(
                DataSources.Csv(calls), entity: ["customer"], time: "contacted", // what was known of the customer at that time
                eventTime: "called_at", knownTime: "loaded_at", maxAge: TimeSpan.FromDays(90), prefix: "call_")
            .SplitByTime("contacted", test: 0.2, gap: TimeSpan.FromDays(30)); // it takes 30 days until the label is known
        // end-snippet
    }

    public static void Aggregate(ProcessingBuilder data)
    {
        // begin-snippet: aggregate
        data
            .SortByTime("at")
            .ForwardFill(["tariff"], key: ["meter"], orderBy: "at")
            .Aggregate(["meter"], time: "at", length: TimeSpan.FromDays(7), every: TimeSpan.FromDays(1), columns: week => week
                .Count("readings")
                .Sum("kwh", "kwh")
                .Max("kwh", "peak")
                .StandardDeviation("kwh", "spread")
                .Last("tariff", "tariff")
                .Last("fault", "fault"))
            .SplitByGroup("meter", test: 0.2);
        // end-snippet
    }
}
