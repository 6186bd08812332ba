namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>The status of a finding.</summary>
internal enum DoctorStatus
{
    /// <summary>Not checked, because something else that it needs is wrong or missing.</summary>
    NotChecked = -1,

    /// <summary>In order.</summary>
    Ok,

    /// <summary>The gateway works, but the operator should check it.</summary>
    Warning,

    /// <summary>The gateway would not start, or not publish.</summary>
    Fault,
}

/// <summary>One line of the report. Contains no secret.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Status">Its status.</param>
/// <param name="Detail">What was found, and what to do.</param>
internal sealed record DoctorFinding(string Name, DoctorStatus Status, string Detail)
{
    internal static DoctorFinding NotChecked(string name, string why) => new(name, DoctorStatus.NotChecked, why);

    internal static DoctorFinding Ok(string name, string detail) => new(name, DoctorStatus.Ok, detail);

    internal static DoctorFinding Warning(string name, string detail) => new(name, DoctorStatus.Warning, detail);

    internal static DoctorFinding Fault(string name, string detail) => new(name, DoctorStatus.Fault, detail);
}
