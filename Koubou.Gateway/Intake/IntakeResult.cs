using Koubou.Contracts;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.Intake;

/// <summary>Receipts, or the problem that kept the tasks out.</summary>
internal readonly record struct IntakeResult(IReadOnlyList<TaskReceipt> Receipts, Problem? Problem);
