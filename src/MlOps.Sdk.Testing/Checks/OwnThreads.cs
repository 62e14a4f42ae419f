using System.Runtime.ExceptionServices;

namespace MlOps.Sdk.Testing;

/// <summary>Runs work on threads of its own, all at once: pooled ones might do it one after the other on the caller's thread.</summary>
internal static class OwnThreads
{
    public static T[] Run<T>(int count, Func<int, T> work)
    {
        var results = new T[count];
        var failures = new ExceptionDispatchInfo?[count];
        using var start = new Barrier(count);
        var threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            var number = i;
            threads[i] = new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    results[number] = work(number);
                }
                catch (Exception e)
                {
                    failures[number] = ExceptionDispatchInfo.Capture(e);
                }
            });
        }

        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        foreach (var failure in failures) failure?.Throw();
        return results;
    }
}
