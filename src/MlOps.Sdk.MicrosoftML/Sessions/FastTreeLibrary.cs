using System.Runtime.CompilerServices;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// What all trainers of the FastTree package share, whether they want to or not: the number of threads, on which sums and so models depend.
/// The first of them that is made in the process decides it for all; here, each training does.
/// </summary>
internal static class FastTreeLibrary
{
    /// <summary>The number of threads in force; 0 before the first trainer is made.</summary>
    public static int Threads => GetThreads(null);

    /// <summary>
    /// Sets the number of threads of one training, until what is returned is disposed of. Called within
    /// <see cref="TrainingGate.FastTree"/>.
    /// </summary>
    /// <param name="threads">The number, 1 at least.</param>
    public static IDisposable Use(int threads)
    {
        var before = Threads;
        // From here on no trainer that is made sets it, not even one of the program's own. It is never 0 again: a training beside this one
        // would fail.
        Initialize(null, threads);
        Set(threads);
        return new Restoring(before == 0 ? Environment.ProcessorCount : before);
    }

    // The library keeps the number twice.
    private static void Set(int threads)
    {
        SetThreads(null, threads);
        InitializePool(null, threads);
    }

    // Tests watch that these stay.
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Initialize")]
    private static extern void Initialize(
        [UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.ThreadTaskManager, Microsoft.ML.FastTree")] object? manager, int threads);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "set_NumThreads")]
    private static extern void SetThreads(
        [UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.ThreadTaskManager, Microsoft.ML.FastTree")] object? manager, int value);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "get_NumThreads")]
    private static extern int GetThreads(
        [UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.ThreadTaskManager, Microsoft.ML.FastTree")] object? manager);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Initialize")]
    private static extern void InitializePool(
        [UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.BlockingThreadPool, Microsoft.ML.FastTree")] object? pool, int threads);

    private sealed class Restoring(int threads) : IDisposable
    {
        public void Dispose() => Set(threads);
    }
}
