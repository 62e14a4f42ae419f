using System.Runtime.CompilerServices;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// What all trainers of the FastTree package share, whether they want to or not: one lock, and the number of threads that the first of them
/// in the process asked for, on which sums and so models depend.
/// </summary>
internal static class FastTreeLibrary
{
    /// <summary>Who may train. The library's own lock cannot be waited for cancellably.</summary>
    public static SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Lets the next trainer that is made set the number of threads, not only the first one. Called within the gate.</summary>
    public static void ForgetThreads() => SetThreads(null, 0);

    /// <summary>The number of threads in force; 0 when the next trainer sets it.</summary>
    public static int Threads => GetThreads(null);

    // Tests watch that these stay.
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "set_NumThreads")]
    private static extern void SetThreads(
        [UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.ThreadTaskManager, Microsoft.ML.FastTree")] object? manager, int value);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "get_NumThreads")]
    private static extern int GetThreads(
        [UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.ThreadTaskManager, Microsoft.ML.FastTree")] object? manager);
}
