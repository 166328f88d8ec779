using System.Globalization;
using CsCheck;

namespace Koubou.Scheduler.Tests.Stores;

/// <summary>
/// Random lives of some tasks, told to the real store and to a model that is simple enough to be right: dependencies,
/// batches, scheduled starts, deadlines, retries, a clock that steps back, and restarts. CsCheck shrinks a failure and
/// prints its seed; <c>CsCheck_Seed</c> repeats it, <c>KOUBOU_MODEL_LIVES</c> sets how many are lived.
/// </summary>
public abstract class QueueModel : EngineContract
{
    private const int LivesDefault = 60;

    private static readonly Gen<Step> AnyStep = Gen.Select(
        Gen.Frequency(
            (3, Gen.Const(Operation.Submit)),
            (1, Gen.Const(Operation.SubmitScheduled)),
            (1, Gen.Const(Operation.SubmitWithDeadline)),
            (1, Gen.Const(Operation.SubmitWithKey)),
            (3, Gen.Const(Operation.SubmitDependant)),
            (1, Gen.Const(Operation.SubmitChain)),
            (6, Gen.Const(Operation.Lease)),
            (3, Gen.Const(Operation.Complete)),
            (2, Gen.Const(Operation.Fail)),
            (1, Gen.Const(Operation.Lose)),
            (1, Gen.Const(Operation.GiveBack)),
            (2, Gen.Const(Operation.Cancel)),
            (1, Gen.Const(Operation.CancelBatch)),
            (2, Gen.Const(Operation.Retry)),
            (1, Gen.Const(Operation.RetryAll)),
            (1, Gen.Const(Operation.Delete)),
            (1, Gen.Const(Operation.Renew)),
            (3, Gen.Const(Operation.Advance)),
            (1, Gen.Const(Operation.StepBack)),
            (1, Gen.Const(Operation.Restart))),
        Gen.Int[0, 1_000],
        (operation, choice) => new Step(operation, choice));

    [Fact]
    public async Task Store_AnyInterleaving_AgreesWithTheModel() =>
        await AnyStep.Array[1, 90].SampleAsync(
            async steps =>
            {
                await using var queue = await StartAsync();
                var model = new ModelledQueue(queue);
                foreach (var step in steps)
                {
                    await model.StepAsync(step);
                }

                await model.CompareAsync();
            },
            iter: int.TryParse(
                Environment.GetEnvironmentVariable("KOUBOU_MODEL_LIVES"), CultureInfo.InvariantCulture, out var lives)
                ? lives
                : LivesDefault,
            threads: 1,
            print: steps => string.Join(", ", steps.Select(step => $"{step.Operation} {step.Choice}")));

    /// <summary>What is done, and a number that says to what.</summary>
    internal readonly record struct Step(Operation Operation, int Choice);

    internal enum Operation
    {
        Submit,
        SubmitScheduled,
        SubmitWithDeadline,
        SubmitWithKey,
        SubmitDependant,
        SubmitChain,
        Lease,
        Complete,
        Fail,
        Lose,
        GiveBack,
        Cancel,
        CancelBatch,
        Retry,
        RetryAll,
        Delete,
        Renew,
        Advance,
        StepBack,
        Restart,
    }
}
