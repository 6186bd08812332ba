namespace Xmtp.Gateway.Doctor;

/// <summary>How a thing stands.</summary>
internal enum DoctorStatus
{
    /// <summary>As it must be.</summary>
    Ok,

    /// <summary>The gateway works, and someone should look at it.</summary>
    Warning,

    /// <summary>The gateway would not start, or not publish.</summary>
    Fault,
}

/// <summary>One line of the report. No secret is in it.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Detail">What was found, and what to do.</param>
internal sealed record DoctorFinding(string Name, DoctorStatus Status, string Detail)
{
    internal static DoctorFinding Ok(string name, string detail) => new(name, DoctorStatus.Ok, detail);

    internal static DoctorFinding Warning(string name, string detail) => new(name, DoctorStatus.Warning, detail);

    internal static DoctorFinding Fault(string name, string detail) => new(name, DoctorStatus.Fault, detail);
}
