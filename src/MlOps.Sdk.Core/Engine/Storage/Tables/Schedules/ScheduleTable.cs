using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Up to when the times of schedules are answered.</summary>
internal static class ScheduleTable
{
    /// <summary>Whether a lifecycle's schedules are those that are taken up already.</summary>
    public static bool IsAdopted(DbConnection connection, string model, string[] schedules) => connection
        .Query<string>("SELECT schedule FROM schedules WHERE model = @model AND replaced = 0", new { model })
        .ToHashSet(StringComparer.Ordinal)
        .SetEquals(schedules);

    /// <summary>
    /// Takes up the schedules that a lifecycle has now. A new one begins now, as does one that was replaced before; those that it has no
    /// longer are replaced. A process that still works with them goes on.
    /// </summary>
    public static void Adopt(DbConnection connection, string model, string[] schedules, long now)
    {
        foreach (var schedule in schedules)
        {
            connection.Execute(
                """
                INSERT INTO schedules(model, schedule, position, replaced) VALUES (@model, @schedule, @now, 0)
                ON CONFLICT (model, schedule) DO UPDATE SET position = @now, last_due = NULL, replaced = 0 WHERE replaced = 1
                """,
                new { model, schedule, now });
        }

        connection.Execute(
            "UPDATE schedules SET replaced = 1 WHERE model = @model AND schedule NOT IN @schedules",
            new { model, schedules });
    }

    public static ScheduleRow? Find(DbConnection connection, string model, string schedule) =>
        connection.QuerySingleOrDefault<ScheduleRow>(
            "SELECT model AS Model, schedule AS Schedule, position AS Position, last_due AS LastDue FROM schedules " +
                "WHERE model = @model AND schedule = @schedule",
            new { model, schedule });

    public static ScheduleRow Move(DbConnection connection, ScheduleRow row, long position, long? lastDue)
    {
        var moved = row with { Position = position, LastDue = lastDue };
        connection.Execute(
            "UPDATE schedules SET position = @Position, last_due = @LastDue WHERE model = @Model AND schedule = @Schedule", moved);
        return moved;
    }
}
