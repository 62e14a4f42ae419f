using MlOps.Sdk;
using MlOps.Sdk.Monitoring;

namespace Acme;

/// <summary>Retrains by the clock.</summary>
internal static class ScheduledChurn
{
    public static void Configure(MonitoringBuilder monitoring) =>
        // begin-snippet: retrain-at
        monitoring
            .DataDrift()
            .RetrainAt("0 3 * * SUN", RetrainingData.Original.And(RetrainingData.Feedback), timeZone: "Europe/Berlin");
        // end-snippet

    public static async Task CheckAsync(Lifecycle lifecycle, Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: check-schedule
        foreach (var schedule in await lifecycle.CheckScheduleAsync(workspace, cancellationToken))
        {
            Console.WriteLine($"{schedule.Expression} in {schedule.TimeZone}: next at {schedule.NextDue:u}");
        }

        var retraining = await lifecycle.RetrainAsync(workspace, cancellationToken: cancellationToken); // NotAsked when nothing is due
        // end-snippet
        Console.WriteLine(retraining);
    }
}
