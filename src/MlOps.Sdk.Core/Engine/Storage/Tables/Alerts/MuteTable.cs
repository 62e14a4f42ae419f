using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Which alerts of models are not sent. Inside the caller's read or write.</summary>
internal static class MuteTable
{
    private const string Columns =
        "no AS No, model AS Model, signal AS Signal, subject AS Subject, at AS At, until AS Until, actor AS Actor, reason AS Reason, " +
        "ended_at AS EndedAt";

    /// <returns>The number of the row.</returns>
    public static long Insert(DbConnection connection, MuteRow row) => connection.ExecuteScalar<long>(
        """
        INSERT INTO alert_mutes(model, signal, subject, at, until, actor, reason)
        VALUES (@Model, @Signal, @Subject, @At, @Until, @Actor, @Reason) RETURNING no
        """,
        row);

    public static MuteRow? Find(DbConnection connection, long no) =>
        connection.QuerySingleOrDefault<MuteRow>($"SELECT {Columns} FROM alert_mutes WHERE no = @no", new { no });

    /// <summary>Those of a model that are in effect at a time, oldest first.</summary>
    public static IReadOnlyList<MuteRow> InEffect(DbConnection connection, string model, long now) =>
    [
        .. connection.Query<MuteRow>(
            $"SELECT {Columns} FROM alert_mutes WHERE model = @model AND ended_at IS NULL AND (until IS NULL OR until > @now) ORDER BY no",
            new { model, now }),
    ];

    public static void End(DbConnection connection, long no, long at) =>
        connection.Execute("UPDATE alert_mutes SET ended_at = @at WHERE no = @no", new { no, at });
}
