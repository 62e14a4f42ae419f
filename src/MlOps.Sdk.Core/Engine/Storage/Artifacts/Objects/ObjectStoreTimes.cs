namespace MlOps.Sdk.Storage;

/// <summary>How long calls of an object store may take, all repetitions included.</summary>
/// <param name="Call">A lookup, a deletion, a page of a list, or the next bytes of an artifact that is read.</param>
/// <param name="Transfer">A whole upload, or the reading of a whole artifact.</param>
internal sealed record ObjectStoreTimes(TimeSpan Call, TimeSpan Transfer)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <exception cref="ArgumentOutOfRangeException">A time is out of its range.</exception>
    public static ObjectStoreTimes Checked(TimeSpan call, string callName, TimeSpan transfer, string transferName)
    {
        Require(call, callName);
        Require(transfer, transferName);
        return new ObjectStoreTimes(call, transfer);
    }

    private static void Require(TimeSpan time, string name)
    {
        if (time >= Shortest && time <= Longest) return;
        throw new ArgumentOutOfRangeException(name, time, $"{name} is between 10 milliseconds and 1 day.");
    }
}
