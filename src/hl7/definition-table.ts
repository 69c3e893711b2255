/** Made by scripts/distil-hl7-definitions.ts from hl7v2-dictionary; a test holds it current. */

/** Segments: a line with name and description, then a line for each field in order: its types over the versions, newest first, and its name. */
export const segmentLines = `
ABS Abstract
XCN Discharge Care Provider
CWE/CE Transfer Medical Service Code
CWE/CE Severity of Illness Code
DTM/TS Date/Time of Attestation
XCN Attested By
CWE/CE Triage Code
DTM/TS Abstract Completion Date/Time
XCN Abstracted By
CWE/CE Case Category Code
ID Caesarian Section Indicator
CWE/CE Gestation Category Code
NM Gestation Period - Weeks
CWE/CE Newborn Code
ID Stillborn Indicator

ACC Accident
DTM/TS Accident Date/Time
CWE/CE/ID Accident Code
ST Accident Location
CWE/CE Auto Accident State
ID Accident Job Related Indicator
ID Accident Death Indicator
XCN Entered By
ST Accident Description
ST Brought In By
ID Police Notified Indicator
XAD Accident Address
NM Degree of patient liability
EI Accident Identifier

ADD Addendum
ST Addendum Continuation Pointer

ADJ Adjustment
EI Provider Adjustment Number
EI Payer Adjustment Number
SI Adjustment Sequence Number
CWE/IS Adjustment Category
CP Adjustment Amount
CQ Adjustment Quantity
CWE Adjustment Reason PA
ST Adjustment Description
NM Original Value
NM Substitute Value
CWE/IS Adjustment Action
EI Provider Adjustment Number Cross Reference
EI Provider Product/Service Line Item Number Cross Reference
DTM Adjustment Date
XON Responsible Organization

AFF Professional Affiliation
SI Set ID - AFF
XON Professional Organization
XAD Professional Organization Address
DR Professional Organization Affiliation Date Range
ST Professional Affiliation Additional Information

AIG Appointment Information - General Resource
SI Set ID - AIG
ID Segment Action Code
CWE/CE Resource ID
CWE/CE Resource Type
CWE/CE Resource Group
NM Resource Quantity
CNE/CE Resource Quantity Units
DTM/TS Start Date/Time
NM Start Date/Time Offset
CNE/CE Start Date/Time Offset Units
NM Duration
CNE/CE Duration Units
CWE/IS Allow Substitution Code
CWE/CE Filler Status Code

AIL Appointment Information - Location Resource
SI Set ID - AIL
ID Segment Action Code
PL Location Resource ID
CWE/CE Location Type - AIL
CWE/CE Location Group
DTM/TS Start Date/Time
NM Start Date/Time Offset
CNE/CE Start Date/Time Offset Units
NM Duration
CNE/CE Duration Units
CWE/IS Allow Substitution Code
CWE/CE Filler Status Code

AIP Appointment Information - Personnel Resource
SI Set ID - AIP
ID Segment Action code
XCN Personnel Resource ID
CWE/CE Resource Type
CWE/CE Resource Group
DTM/TS Start Date/Time
NM Start Date/Time Offset
CNE/CE Start Date/Time Offset Units
NM Duration
CNE/CE Duration Units
CWE/IS Allow Substitution Code
CWE/CE Filler Status Code

AIS Appointment Information
SI Set ID - AIS
ID Segment Action Code
CWE/CE Universal Service Identifier
DTM/TS Start Date/Time
NM Start Date/Time Offset
CNE/CE Start Date/Time Offset Units
NM Duration
CNE/CE Duration Units
CWE/IS Allow Substitution Code
CWE/CE Filler Status Code
CWE/CE Placer Supplemental Service Information
CWE/CE Filler Supplemental Service Information

AL1 Patient Allergy Information
SI/CE Set ID - AL1
CWE/CE/IS/ID Allergen Type Code
CWE/CE Allergen Code/Mnemonic/Description
CWE/CE/IS/ID Allergy Severity Code
ST Allergy Reaction Code
ST/DT Identification Date

APR Appointment Preferences
SCV Time Selection Criteria
SCV Resource Selection Criteria
SCV Location Selection Criteria
NM Slot Spacing Criteria
SCV Filler Override Criteria

ARQ Appointment Request
EI Placer Appointment ID
EI Filler Appointment ID
NM Occurrence Number
EI Placer Group Number
CWE/CE Schedule ID
CWE/CE Request Event Reason
CWE/CE Appointment Reason
CWE/CE Appointment Type
NM Appointment Duration
CNE/CE Appointment Duration Units
DR Requested Start Date/Time Range
ST Priority-ARQ
RI Repeating Interval
ST Repeating Interval Duration
XCN Placer Contact Person
XTN Placer Contact Phone Number
XAD Placer Contact Address
PL Placer Contact Location
XCN Entered By Person
XTN Entered By Phone Number
PL Entered By Location
EI Parent Placer Appointment ID
EI Parent Filler Appointment ID
EI Placer Order Number
EI Filler Order Number

ARV Access Restriction
SI Set ID
CNE Access Restriction Action Code
CWE Access Restriction Value
CWE Access Restriction Reason
ST Special Access Restriction Instructions
DR Access Restriction Date Range

AUT Authorization Information
CWE/CE Authorizing Payor, Plan ID
CWE/CE Authorizing Payor, Company ID
ST Authorizing Payor, Company Name
DTM/TS Authorization Effective Date
DTM/TS Authorization Expiration Date
EI Authorization Identifier
CP Reimbursement Limit
CQ/NM Requested Number of Treatments
CQ/NM Authorized Number of Treatments
DTM/TS Process Date
CWE Requested Discipline(s)
CWE Authorized Discipline(s)

BHS Batch Header
ST Batch Field Separator
ST Batch Encoding Characters
HD/ST Batch Sending Application
HD/ST Batch Sending Facility
HD/ST Batch Receiving Application
HD/ST Batch Receiving Facility
DTM/TS Batch Creation Date/Time
ST Batch Security
ST Batch Name/ID/Type
ST Batch Comment
ST Batch Control ID
ST Reference Batch Control ID
HD Batch Sending Network Address
HD Batch Receiving Network Address

BLC Blood Code
CWE/CE Blood Product Code
CQ Blood Amount

BLG Billing
CCD/CM_CCD/CM When to Charge
ID Charge Type
CX/CK/CM Account ID
CWE Charge Type Reason

BPO Blood product order
SI Set ID - BPO
CWE BP Universal Service Identifier
CWE BP Processing Requirements
NM BP Quantity
NM BP Amount
CWE/CE BP Units
DTM/TS BP Intended Use Date/Time
PL BP Intended Dispense From Location
XAD BP Intended Dispense From Address
DTM/TS BP Requested Dispense Date/Time
PL BP Requested Dispense To Location
XAD BP Requested Dispense To Address
CWE BP Indication for Use
ID BP Informed Consent Indicator

BPX Blood product dispense status
SI Set ID - BPX
CWE BP Dispense Status
ID BP Status
DTM/TS BP Date/Time of Status
EI BC Donation ID
CNE BC Component
CNE BC Donation Type / Intended Use
CWE CP Commercial Product
XON CP Manufacturer
EI CP Lot Number
CNE BP Blood Group
CNE BC Special Testing
DTM/TS BP Expiration Date/Time
NM BP Quantity
NM BP Amount
CWE/CE BP Units
EI BP Unique ID
PL BP Actual Dispensed To Location
XAD BP Actual Dispensed To Address
XCN BP Dispensed to Receiver
XCN BP Dispensing Individual

BTS Batch Trailer
ST Batch Message Count
ST Batch Comment
NM/CM_BATCH_TOTAL/CM Batch Totals

BTX Blood Product Transfusion/Disposition
SI Set ID - BTX
EI BC Donation ID
CNE BC Component
CNE BC Blood Group
CWE CP Commercial Product
XON CP Manufacturer
EI CP Lot Number
NM BP Quantity
NM BP Amount
CWE/CE BP Units
CWE BP Transfusion/Disposition Status
ID BP Message Status
DTM/TS BP Date/Time of Status
XCN BP Transfusion Administrator
XCN BP Transfusion Verifier
DTM/TS BP Transfusion Start Date/Time of Status
DTM/TS BP Transfusion End Date/Time of Status
CWE BP Adverse Reaction Type
CWE BP Transfusion Interrupted Reason

BUI

CDM Charge Description Master
CWE/CE Primary Key Value - CDM
CWE/CE Charge Code Alias
ST Charge Description Short
ST Charge Description Long
CWE/IS Description Override Indicator
CWE/CE Exploding Charges
CNE/CWE/CE Procedure Code
ID Active/Inactive Flag
CWE/CE Inventory Number
NM Resource Load
CX/CK Contract Number
XON Contract Organization
ID Room Fee Indicator

CDO
SI Set ID - CDO
ID Action Code
CQ Cumulative Dosage Limit
CQ Cumulative Dosage Limit Time Interval

CER Certificate Detail
SI Set ID - CER
ST Serial Number
ST Version
XON Granting Authority
XCN Issuing Authority
ED Signature
ID Granting Country
CWE Granting State/Province
CWE Granting County/Parish
CWE Certificate Type
CWE Certificate Domain
EI/ID Subject ID
ST Subject Name
CWE Subject Directory Attribute Extension
CWE Subject Public Key Info
CWE Authority Key Identifier
ID Basic Constraint
CWE CRL Distribution Point
ID Jurisdiction Country
CWE Jurisdiction State/Province
CWE Jurisdiction County/Parish
CWE Jurisdiction Breadth
DTM/TS Granting Date
DTM/TS Issuing Date
DTM/TS Activation Date
DTM/TS Inactivation Date
DTM/TS Expiration Date
DTM/TS Renewal Date
DTM/TS Revocation Date
CWE/CE Revocation Reason Code
CWE Certificate Status Code

CM0 Clinical Study Master
SI Set ID - CM0
EI Sponsor Study ID
EI/CE Alternate Study ID
ST Title of Study
XCN Chairman of Study
DT Last IRB Approval Date
NM Total Accrual to Date
DT Last Accrual Date
XCN Contact for Study
XTN Contact's Telephone Number
XAD Contact's Address

CM1 Clinical Study Phase Master
SI Set ID - CM1
CWE/CE Study Phase Identifier
ST Description of Study Phase

CM2 Clinical Study Schedule Master
SI Set ID- CM2
CWE/CE Scheduled Time Point
ST Description of Time Point
CWE/CE Events Scheduled This Time Point

CNS Clear Notification
NM Starting Notification Reference Number
NM Ending Notification Reference Number
DTM/TS Starting Notification Date/Time
DTM/TS Ending Notification Date/Time
CWE/CE Starting Notification Code
CWE/CE Ending Notification Code

CON Consent Segment
SI Set ID - CON
CWE Consent Type
ST Consent Form ID and Version
EI Consent Form Number
FT Consent Text
FT Subject-specific Consent Text
FT Consent Background Information
FT Subject-specific Consent Background Text
FT Consenter-imposed limitations
CNE Consent Mode
CNE Consent Status
DTM Consent Discussion Date/Time
DTM Consent Decision Date/Time
DTM Consent Effective Date/Time
DTM Consent End Date/Time
ID Subject Competence Indicator
ID Translator Assistance Indicator
CWE Language Translated To
ID Informational Material Supplied Indicator
CWE Consent Bypass Reason
ID Consent Disclosure Level
CWE Consent Non-disclosure Reason
CWE Non-subject Consenter Reason
XPN Consenter ID
CWE/IS Relationship to Subject

CSP Clinical Study Phase
CWE/CE Study Phase Identifier
DTM/TS Date/time Study Phase Began
DTM/TS Date/time Study Phase Ended
CWE/CE Study Phase Evaluability

CSR Clinical Study Registration
EI Sponsor Study ID
EI Alternate Study ID
CWE/CE Institution Registering the Patient
CX Sponsor Patient ID
CX Alternate Patient ID - CSR
DTM/TS Date/Time of Patient Study Registration
XCN Person Performing Study Registration
XCN Study Authorizing Provider
DTM/TS Date/Time Patient Study Consent Signed
CWE/CE Patient Study Eligibility Status
DTM/TS Study Randomization Date/time
CWE/CE Randomized Study Arm
CWE/CE Stratum for Study Randomization
CWE/CE Patient Evaluability Status
DTM/TS Date/Time Ended Study
CWE/CE Reason Ended Study

CSS Clinical Study Data Schedule Segment
CWE/CE Study Scheduled Time Point
DTM/TS Study Scheduled Patient Time Point
CWE/CE Study Quality Control Codes

CTD Contact Data
CWE/CE Contact Role
XPN Contact Name
XAD Contact Address
PL Contact Location
XTN Contact Communication Information
CWE/CE Preferred Method of Contact
PLN/PI/CM_PI Contact Identifiers

CTI Clinical Trial Identification
EI Sponsor Study ID
CWE/CE Study Phase Identifier
CWE/CE Study Scheduled Time Point

CTR

DB1 Disability
SI Set ID - DB1
CWE/IS Disabled Person Code
CX Disabled Person Identifier
ID Disability Indicator
DT Disability Start Date
DT Disability End Date
DT Disability Return to Work Date
DT Disability Unable to Work Date

DG1 Diagnosis
SI Set ID - DG1
ST/ID Diagnosis Coding Method
CWE/CE/ID Diagnosis Code - DG1
ST Diagnosis Description
DTM/TS Diagnosis Date/Time
CWE/IS/ID Diagnosis Type
ST/CWE/CE Major Diagnostic Category
ST/CWE/CE/ID Diagnostic Related Group
ST/ID DRG Approval Indicator
ST/IS/ID DRG Grouper Review Code
ST/CWE/CE/ID Outlier Type
ST/NM Outlier Days
ST/CP/NM Outlier Cost
ST Grouper Version And Type
NM/ID Diagnosis Priority
XCN/CN Diagnosing Clinician
CWE/IS Diagnosis Classification
ID Confidential Indicator
DTM/TS Attestation Date/Time
EI Diagnosis Identifier
ID Diagnosis Action Code
EI Parent Diagnosis
CWE DRG CCL Value Code
ID DRG Grouping Usage
CWE/IS DRG Diagnosis Determination Status
CWE/IS Present On Admission (POA) Indicator

DMI DRG Master File Information
CNE Diagnostic Related Group
CNE Major Diagnostic Category
NR Lower and Upper Trim Points
NM Average Length of Stay
NM Relative Weight

DON

DPS

DRG Diagnosis Related Group
CNE/CE Diagnostic Related Group
DTM/TS DRG Assigned Date/Time
ID DRG Approval Indicator
CWE/IS DRG Grouper Review Code
CWE/CE Outlier Type
NM Outlier Days
CP Outlier Cost
CWE/IS DRG Payor
CP Outlier Reimbursement
ID Confidential Indicator
CWE/IS DRG Transfer Type
XPN Name of Coder
CWE Grouper Status
CWE PCCL Value Code
NM Effective Weight
MO Monetary Amount
CWE/IS Status Patient
ST Grouper Software Name
ST Grouper Software Version
CWE/IS Status Financial Calculation
MO Relative Discount/Surcharge
MO Basic Charge
MO Total Charge
MO Discount/Surcharge
NM Calculated Days
CWE/IS Status Gender
CWE/IS Status Age
CWE/IS Status Length of Stay
CWE/IS Status Same Day Flag
CWE/IS Status Separation Mode
CWE/IS Status Weight at Birth
CWE/IS Status Respiration Minutes
CWE/IS Status Admission

DSC Continuation Pointer
ST Continuation Pointer
ID Continuation Style

DSP Display Data
SI Set ID - DSP
SI Display Level
TX Data Line
ST Logical Break Point
TX Result ID

DST

ECD Equipment Command
NM Reference Command Number
CWE/CE Remote Control Command
ID Response Required
ST/TQ Requested Completion Time
TX/ST Parameters

ECR Equipment Command Response
CWE/CE Command Response
DTM/TS Date/Time Completed
TX/ST Command Response Parameters

ED Encapsulated Data
ST Data

EDU Educational Detail
SI Set ID - EDU
CWE/IS Academic Degree
DR Academic Degree Program Date Range
DR Academic Degree Program Participation Date Range
DT Academic Degree Granted Date
XON School
CWE/CE School Type Code
XAD School Address
CWE Major Field of Study

EQL Embedded Query Language
ST Query Tag
ID Query/Response Format Code
CE EQL Query Name
ST EQL Query Statement

EQP Equipment/log Service
CWE/CE Event type
ST File Name
DTM/TS Start Date/Time
DTM/TS End Date/Time
FT Transaction Data

EQU Equipment Detail
EI Equipment Instance Identifier
DTM/TS Event Date/Time
CWE/CE Equipment State
CWE/CE Local/Remote Control State
CWE/CE Alert Level

ERQ Event replay query
ST Query Tag
CE Event Identifier
QIP Input Parameter List

ERR Error
ST/ELD/CM_ELD/ID Error Code and Location
ERL Error Location
CWE HL7 Error Code
ID Severity
CWE Application Error Code
ST Application Error Parameter
TX Diagnostic Information
TX User Message
CWE/IS Inform Person Indicator
CWE Override Type
CWE Override Reason Code
XTN Help Desk Contact Point

EVN Event Type
ST/ID Event Type Code
DTM/TS Recorded Date/Time
DTM/TS Date/Time Planned Event
CWE/IS/ID Event Reason Code
XCN/CN/ID Operator ID
DTM/TS Event Occurred
HD Event Facility

FAC Facility
EI Facility ID-FAC
ID Facility Type
XAD Facility Address
XTN Facility Telecommunication
XCN Contact Person
ST Contact Title
XAD Contact Address
XTN Contact Telecommunication
XCN Signature Authority
ST Signature Authority Title
XAD Signature Authority Address
XTN Signature Authority Telecommunication

FHS File Header
ST File Field Separator
ST File Encoding Characters
HD/ST File Sending Application
HD/ST File Sending Facility
HD/ST File Receiving Application
HD/ST File Receiving Facility
DTM/TS File Creation Date/Time
ST File Security
ST File Name/ID
ST File Header Comment
ST File Control ID
ST Reference File Control ID
HD File Sending Network Address
HD File Receiving Network Address

FT1 Financial Transaction
SI Set ID FT1
ST Transaction ID
ST Transaction Batch ID
DR/TS/DT Transaction Date
DTM/TS/DT Transaction Posting Date
CWE/IS/ID Transaction Type
CWE/CE/ID Transaction Code
ST Transaction Description
ST Transaction Description Alt
NM Transaction Quantity
CP/NM Transaction Amount Extended
CP/NM Transaction Amount Unit
CWE/CE/ST Department Code
CWE/CE/ID Health Plan ID
CP/NM Insurance Amount
PL/CM_INTERNAL_LOCATION/ST Assigned Patient Location
CWE/IS/ID Fee Schedule
CWE/IS/ID Patient Type
CWE/CE/ID Diagnosis Code - FT1
XCN/CN Performed By Code
XCN/CN Ordered By Code
CP/NM Unit Cost
EI/CM_FILLER Filler Order Number
XCN Entered By Code
CNE/CE Procedure Code
CNE/CE Procedure Code Modifier
CWE/CE Advanced Beneficiary Notice Code
CWE Medically Necessary Duplicate Procedure Reason
CWE/CNE NDC Code
CX Payment Reference ID
SI Transaction Reference Key
XON Performing Facility
XON Ordering Facility
CWE Item Number
ST Model Number
CWE Special Processing Code
CWE Clinic Code
CX Referral Number
CX Authorization Number
CWE Service Provider Taxonomy Code
CWE Revenue Code
ST Prescription Number
CQ NDC Qty and UOM

FTS File Trailer
NM/ST File Batch Count
ST File Trailer Comment

GOL Goal Detail
ID Action Code
DTM/TS Action Date/Time
CWE/CE Goal ID
EI Goal Instance ID
EI Episode of Care ID
NM Goal List Priority
DTM/TS Goal Established Date/Time
DTM/TS Expected Goal Achieve Date/Time
CWE/CE Goal Classification
CWE/CE Goal Management Discipline
CWE/CE Current Goal Review Status
DTM/TS Current Goal Review Date/Time
DTM/TS Next Goal Review Date/Time
DTM/TS Previous Goal Review Date/Time
ST/TQ Goal Review Interval
CWE/CE Goal Evaluation
ST Goal Evaluation Comment
CWE/CE Goal Life Cycle Status
DTM/TS Goal Life Cycle Status Date/Time
CWE/CE Goal Target Type
XPN Goal Target Name
CNE Mood Code

GP1 Grouping/Reimbursement - Visit
CWE/IS Type of Bill Code
CWE/IS Revenue Code
CWE/IS Overall Claim Disposition Code
CWE/IS OCE Edits per Visit Code
CP Outlier Cost

GP2 Grouping/Reimbursement - Procedure Line Item
CWE/IS Revenue Code
NM Number of Service Units
CP Charge
CWE/IS Reimbursement Action Code
CWE/IS Denial or Rejection Code
CWE/IS OCE Edit Code
CWE/CE Ambulatory Payment Classification Code
CWE/IS Modifier Edit Code
CWE/IS Payment Adjustment Code
CWE/IS Packaging Status Code
CP Expected CMS Payment Amount
CWE/IS Reimbursement Type Code
CP Co-Pay Amount
NM Pay Rate per Service Unit

GSC

GSP

GSR

GT1 Guarantor
SI Set ID - GT1
CX/CK/ID Guarantor Number
XPN/PN Guarantor Name
XPN/PN Guarantor Spouse Name
XAD/AD Guarantor Address
XTN/TN Guarantor Ph Num - Home
XTN/TN Guarantor Ph Num - Business
DTM/TS/DT Guarantor Date/Time Of Birth
CWE/IS/ID Guarantor Administrative Sex
CWE/IS/ID Guarantor Type
CWE/CE/IS/ID Guarantor Relationship
ST Guarantor SSN
DT Guarantor Date - Begin
DT Guarantor Date - End
NM Guarantor Priority
XPN/ST Guarantor Employer Name
XAD/AD Guarantor Employer Address
XTN/TN Guarantor Employer Phone Number
CX/ST Guarantor Employee ID Number
CWE/IS/ID Guarantor Employment Status
XON/ST Guarantor Organization Name
ID Guarantor Billing Hold Flag
CWE/CE Guarantor Credit Rating Code
DTM/TS Guarantor Death Date And Time
ID Guarantor Death Flag
CWE/CE Guarantor Charge Adjustment Code
CP Guarantor Household Annual Income
NM Guarantor Household Size
CX Guarantor Employer ID Number
CWE/CE/IS Guarantor Marital Status Code
DT Guarantor Hire Effective Date
DT Employment Stop Date
CWE/IS Living Dependency
CWE/IS Ambulatory Status
CWE/CE/IS Citizenship
CWE/CE Primary Language
CWE/IS Living Arrangement
CWE/CE Publicity Code
ID Protection Indicator
CWE/IS Student Indicator
CWE/CE/IS Religion
XPN Mother's Maiden Name
CWE/CE Nationality
CWE/CE/IS Ethnic Group
XPN Contact Person's Name
XTN Contact Person's Telephone Number
CWE/CE Contact Reason
CWE/IS Contact Relationship
ST Job Title
JCC Job Code/Class
XON Guarantor Employer's Organization Name
CWE/IS Handicap
CWE/IS Job Status
FC Guarantor Financial Class
CWE/CE/IS Guarantor Race
ST Guarantor Birth Place
CWE/IS VIP Indicator

IAM Patient Adverse Reaction Information
SI Set ID - IAM
CWE/CE Allergen Type Code
CWE/CE Allergen Code/Mnemonic/Description
CWE/CE Allergy Severity Code
ST Allergy Reaction Code
CNE Allergy Action Code
EI Allergy Unique Identifier
ST Action Reason
CWE/CE Sensitivity to Causative Agent Code
CWE/CE Allergen Group Code/Mnemonic/Description
DT Onset Date
ST Onset Date Text
DTM/TS Reported Date/Time
XPN Reported By
CWE/CE Relationship to Patient Code
CWE/CE Alert Device Code
CWE/CE Allergy Clinical Status Code
XCN Statused by Person
XON Statused by Organization
DTM/TS Statused at Date/Time
XCN Inactivated by Person
DTM Inactivated Date/Time
XCN Initially Recorded by Person
DTM Initially Recorded Date/Time
XCN Modified by Person
DTM Modified Date/Time
CWE Clinician Identified Code
XON Initially Recorded by Organization
XON Modified by Organization
XON Inactivated by Organization

IAR allergy reaction
CWE Allergy Reaction Code
CWE Allergy Severity Code
CWE Sensitivity to Causative Agent Code
ST Management

IIM Inventory Item Master
CWE Primary Key Value - IIM
CWE Service Item Code
ST Inventory Lot Number
DTM/TS Inventory Expiration Date
CWE Inventory Manufacturer Name
CWE Inventory Location
DTM/TS Inventory Received Date
NM Inventory Received Quantity
CWE Inventory Received Quantity Unit
MO Inventory Received Item Cost
DTM/TS Inventory On Hand Date
NM Inventory On Hand Quantity
CWE Inventory On Hand Quantity Unit
CNE/CE Procedure Code
CNE/CE Procedure Code Modifier

ILT Material Lot
SI Set Id - ILT
ST Inventory Lot Number
DTM Inventory Expiration Date
DTM Inventory Received Date
NM Inventory Received Quantity
CWE Inventory Received Quantity Unit
MO Inventory Received Item Cost
DTM Inventory On Hand Date
NM Inventory On Hand Quantity
CWE Inventory On Hand Quantity Unit

IN1 Insurance
SI Set ID - IN1
CWE/CE/ID Health Plan ID
CX/ST Insurance Company ID
XON/ST Insurance Company Name
XAD/AD Insurance Company Address
XPN/PN Insurance Co Contact Person
XTN/TN Insurance Co Phone Number
ST Group Number
XON/ST Group Name
CX/ST Insured's Group Emp ID
XON/ST Insured's Group Emp Name
DT Plan Effective Date
DT Plan Expiration Date
AUI/CM_AUI/ST Authorization Information
CWE/IS/ID Plan Type
XPN/PN Name Of Insured
CWE/CE/IS/ID Insured's Relationship To Patient
DTM/TS/DT Insured's Date Of Birth
XAD/AD Insured's Address
CWE/IS/ID Assignment Of Benefits
CWE/IS/ID Coordination Of Benefits
ST Coord Of Ben. Priority
ID Notice Of Admission Flag
DT Notice Of Admission Date
ID Report Of Eligibility Flag
DT Report Of Eligibility Date
CWE/IS/ID Release Information Code
ST Pre-Admit Cert (PAC)
DTM/TS/DT Verification Date/Time
XCN/XPN/CN/CM Verification By
CWE/IS/ID Type Of Agreement Code
CWE/IS/ID Billing Status
NM Lifetime Reserve Days
NM Delay Before L.R. Day
CWE/IS/ID/ST Company Plan Code
ST Policy Number
CP/NM Policy Deductible
ST/CP/NM Policy Limit - Amount
NM Policy Limit - Days
ST/CP/NM Room Rate - Semi-Private
ST/CP/NM Room Rate - Private
CWE/CE/ID Insured's Employment Status
CWE/IS/ID Insured's Administrative Sex
XAD/AD Insured's Employer's Address
ST Verification Status
CWE/IS/ID Prior Insurance Plan ID
CWE/IS Coverage Type
CWE/IS Handicap
CX Insured's ID Number
CWE/IS Signature Code
DT Signature Code Date
ST Insured's Birth Place
CWE/IS VIP Indicator
CX External Health Plan Identifiers
ID Insurance Action Code

IN2 Insurance Additional Information
CX/ST Insured's Employee ID
ST Insured's Social Security Number
XCN/CN Insured's Employer's Name and ID
CWE/IS/ID Employer Information Data
CWE/IS/ID Mail Claim Party
ST/NM Medicare Health Ins Card Number
XPN/PN Medicaid Case Name
ST/NM Medicaid Case Number
XPN/PN Military Sponsor Name
ST/NM Military ID Number
CWE/CE/ID Dependent Of Military Recipient
ST Military Organization
ST Military Station
CWE/IS/ID Military Service
CWE/IS/ID Military Rank/Grade
CWE/IS/ID Military Status
DT Military Retire Date
ID Military Non-Avail Cert On File
ID Baby Coverage
ID Combine Baby Bill
ST/NM Blood Deductible
XPN/PN Special Coverage Approval Name
ST Special Coverage Approval Title
CWE/IS/ST/ID Non-Covered Insurance Code
CX/ST Payor ID
CX/ST Payor Subscriber ID
CWE/IS/ID Eligibility Source
RMC/CM_RMC Room Coverage Type/Amount
PTA/CM_PTA Policy Type/Amount
DDI/CM_DDI Daily Deductible
CWE/IS Living Dependency
CWE/IS Ambulatory Status
CWE/CE/IS Citizenship
CWE/CE Primary Language
CWE/IS Living Arrangement
CWE/CE Publicity Code
ID Protection Indicator
CWE/IS Student Indicator
CWE/CE/IS Religion
XPN Mother's Maiden Name
CWE/CE Nationality
CWE/CE/IS Ethnic Group
CWE/CE/IS Marital Status
DT Insured's Employment Start Date
DT Employment Stop Date
ST Job Title
JCC Job Code/Class
CWE/IS Job Status
XPN Employer Contact Person Name
XTN Employer Contact Person Phone Number
CWE/IS Employer Contact Reason
XPN Insured's Contact Person's Name
XTN Insured's Contact Person Phone Number
CWE/IS Insured's Contact Person Reason
DT Relationship to the Patient Start Date
DT Relationship to the Patient Stop Date
CWE/IS Insurance Co Contact Reason
XTN Insurance Co Contact Phone Number
CWE/IS Policy Scope
CWE/IS Policy Source
CX Patient Member Number
CWE/CE/IS Guarantor's Relationship to Insured
XTN Insured's Phone Number - Home
XTN Insured's Employer Phone Number
CWE/CE Military Handicapped Program
ID Suspend Flag
ID Copay Limit Flag
ID Stoploss Limit Flag
XON Insured Organization Name and ID
XON Insured Employer Organization Name and ID
CWE/CE/IS Race
CWE/CE/ID Patient's Relationship to Insured

IN3 Insurance Additional Information, Certification
SI Set ID - IN3
CX/ST Certification Number
XCN/CN Certified By
ID Certification Required
MOP/CM_PEN Penalty
DTM/TS Certification Date/Time
DTM/TS Certification Modify Date/Time
XCN/CN Operator
DT Certification Begin Date
DT Certification End Date
DTN/CM_DTN Days
CWE/CE Non-Concur Code/Description
DTM/TS Non-Concur Effective Date/Time
XCN/CN Physician Reviewer
ST Certification Contact
XTN/TN Certification Contact Phone Number
CWE/CE Appeal Reason
CWE/CE Certification Agency
XTN/TN Certification Agency Phone Number
ICD/PCF/CM_PCF Pre-Certification Requirement
ST Case Manager
DT Second Opinion Date
CWE/IS/ID Second Opinion Status
CWE/IS/ID Second Opinion Documentation Received
XCN/CN Second Opinion Physician
CWE Certification Type
CWE Certification Category

INV Inventory Detail
CWE/CE Substance Identifier
CWE/CE Substance Status
CWE/CE Substance Type
CWE/CE Inventory Container Identifier
CWE/CE Container Carrier Identifier
CWE/CE Position on Carrier
NM Initial Quantity
NM Current Quantity
NM Available Quantity
NM Consumption Quantity
CWE/CE Quantity Units
DTM/TS Expiration Date/Time
DTM/TS First Used Date/Time
ST/TQ On Board Stability Duration
CWE/CE Test/Fluid Identifier(s)
ST Manufacturer Lot Number
CWE/CE Manufacturer Identifier
CWE/CE Supplier Identifier
CQ On Board Stability Time
CQ Target Value

IPC Imaging Procedure Control Segment
EI Accession Identifier
EI Requested Procedure ID
EI Study Instance UID
EI Scheduled Procedure Step ID
CWE/CE Modality
CWE/CE Protocol Code
EI Scheduled Station Name
CWE/CE Scheduled Procedure Step Location
ST Scheduled Station AE Title

IPR Invoice Processing Results
EI IPR Identifier
EI Provider Cross Reference Identifier
EI Payer Cross Reference Identifier
CWE IPR Status
DTM IPR Date/Time
CP Adjudicated/Paid Amount
DTM Expected Payment Date/Time
ST IPR Checksum

ISD Interaction Status Detail
NM Reference Interaction Number
CWE/CE Interaction Type Identifier
CWE/CE Interaction Active State

ITM Material Item
EI Item Identifier
ST Item Description
CWE Item Status
CWE Item Type
CWE Item Category
CNE Subject to Expiration Indicator
EI Manufacturer Identifier
ST Manufacturer Name
ST Manufacturer Catalog Number
CWE Manufacturer Labeler Identification Code
CNE Patient Chargeable Indicator
CWE Transaction Code
CP Transaction amount - unit
CNE Stocked Item Indicator
CWE Supply Risk Codes
XON Approving Regulatory Agency
CNE Latex Indicator
CWE Ruling Act
CWE Item Natural Account Code
NM Approved To Buy Quantity
MO Approved To Buy Price
CNE Taxable Item Indicator
CNE Freight Charge Indicator
CNE Item Set Indicator
EI Item Set Identifier
CNE Track Department Usage Indicator
CNE Procedure Code
CNE Procedure Code Modifier
CWE Special Handling Code

IVC Invoice Segment
EI Provider Invoice Number
EI Payer Invoice Number
EI Contract/Agreement Number
CWE/IS Invoice Control
CWE/IS Invoice Reason
CWE/IS Invoice Type
DTM Invoice Date/Time
CP Invoice Amount
ST Payment Terms
XON Provider Organization
XON Payer Organization
XCN Attention
ID Last Invoice Indicator
DTM Invoice Booking Period
ST Origin
CP Invoice Fixed Amount
CP Special Costs
CP Amount for Doctors Treatment
XCN Responsible Physician
CX Cost Center
CP Invoice Prepaid Amount
CP Total Invoice Amount without Prepaid Amount
CP Total-Amount of VAT
NM VAT-Rates applied
CWE/IS Benefit Group
ST Provider Tax ID
ST Payer Tax ID
CWE/IS Provider Tax Status
CWE/IS Payer Tax Status
ST Sales Tax ID

IVT Material Location
SI Set Id - IVT
EI Inventory Location Identifier
ST Inventory Location Name
EI Source Location Identifier
ST Source Location Name
CWE Item Status
EI Bin Location Identifier
CWE Order Packaging
CWE Issue Packaging
EI Default Inventory Asset Account
CNE Patient Chargeable Indicator
CWE Transaction Code
CP Transaction amount - unit
CWE Item Importance Code
CNE Stocked Item Indicator
CNE Consignment Item Indicator
CNE Reusable Item Indicator
CP Reusable Cost
EI Substitute Item Identifier
EI Latex-Free Substitute Item Identifier
CWE Recommended Reorder Theory
NM Recommended Safety Stock Days
NM Recommended Maximum Days Inventory
NM Recommended Order Point
NM Recommended Order Amount
CNE Operating Room Par Level Indicator

LAN Language Detail
SI Set ID - LAN
CWE/CE Language Code
CWE/CE Language Ability Code
CWE/CE Language Proficiency Code

LCC Location Charge Code
PL Primary Key Value - LCC
CWE/CE/IS Location Department
CWE/CE Accommodation Type
CWE/CE Charge Code

LCH Location Characteristic
PL Primary Key Value - LCH
ID Segment Action Code
EI Segment Unique Key
CWE/CE Location Characteristic ID
CWE/CE Location Characteristic Value - LCH

LDP Location Department
PL Primary Key Value - LDP
CWE/CE/IS Location Department
CWE/IS Location Service
CWE/CE Specialty Type
CWE/IS/ID Valid Patient Classes
ID Active/Inactive Flag
DTM/TS Activation Date - LDP
DTM/TS Inactivation Date - LDP
ST Inactivated Reason
VH Visiting Hours
XTN Contact Phone
CWE/CE Location Cost Center

LOC Location Identification
PL Primary Key Value - LOC
ST Location Description
CWE/IS Location Type - LOC
XON Organization Name - LOC
XAD Location Address
XTN Location Phone
CWE/CE License Number
CWE/IS/ID Location Equipment
CWE/IS Location Service Code

LRL Location Relationship
PL Primary Key Value - LRL
ID Segment Action Code
EI Segment Unique Key
CWE/CE Location Relationship ID
XON Organizational Location Relationship Value
PL Patient Location Relationship Value

MCP

MFA Master File Acknowledgment
ID Record-Level Event Code
ST MFN Control ID
DTM/TS Event Completion Date/Time
CWE/CE MFN Record Level Error Return
ST/VARIES/CE Primary Key Value - MFA
ID Primary Key Value Type - MFA

MFE Master File Entry
ID Record-Level Event Code
ST MFN Control ID
DTM/TS Effective Date/Time
ST/VARIES/CE Primary Key Value - MFE
ID Primary Key Value Type
DTM Entered Date/Time
XCN Entered By

MFI Master File Identification
CWE/CE Master File Identifier
HD/ID Master File Application Identifier
ID File-Level Event Code
DTM/TS Entered Date/Time
DTM/TS Effective Date/Time
ID Response Level Code

MRG Merge Patient Information
CX/CM_PAT_ID/CK Prior Patient Identifier List
ST/CX/CM_PAT_ID/CK Prior Alternate Patient ID
CX/CK Prior Patient Account Number
ST/CX/CK Prior Patient ID
CX Prior Visit Number
CX Prior Alternate Visit ID
XPN/CX Prior Patient Name

MSA Message Acknowledgment
ID Acknowledgment Code
ST Message Control ID
ST Text Message
NM Expected Sequence Number
ST/ID Delayed Acknowledgment Type
ST/CE Error Condition
NM Message Waiting Number
ID Message Waiting Priority

MSH Message Header
ST Field Separator
ST Encoding Characters
HD/ST Sending Application
HD/ST Sending Facility
HD/ST Receiving Application
HD/ST Receiving Facility
DTM/TS Date/Time of Message
ST Security
MSG/CM_MSG Message Type
ST Message Control ID
PT/ID Processing ID
VID/ID/NM Version ID
NM Sequence Number
ST Continuation Pointer
ID Accept Acknowledgment Type
ID Application Acknowledgment Type
ID Country Code
ID Character Set
CWE/CE Principal Language Of Message
ID Alternate Character Set Handling Scheme
EI/ID Message Profile Identifier
XON Sending Responsible Organization
XON Receiving Responsible Organization
HD Sending Network Address
HD Receiving Network Address
CWE Security Classification Tag
CWE Security Handling Instructions
ST Special Access Restriction Instructions

NCK System Clock
DTM/TS System Date/Time

NDS Notification Detail
NM Notification Reference Number
DTM/TS Notification Date/Time
CWE/CE Notification Alert Severity
CWE/CE Notification Code

NK1 Next of Kin / Associated Parties
SI Set ID - NK1
XPN/PN Name
CWE/CE/ST Relationship
XAD/AD Address
XTN/TN Phone Number
XTN/TN Business Phone Number
CWE/CE Contact Role
DT Start Date
DT End Date
ST Next of Kin / Associated Parties Job Title
JCC/CM_JOB_CODE Next of Kin / Associated Parties Job Code/Class
CX/ST Next of Kin / Associated Parties Employee Number
XON/ST Organization Name - NK1
CWE/CE/IS Marital Status
CWE/IS Administrative Sex
DTM/TS Date/Time of Birth
CWE/IS Living Dependency
CWE/IS Ambulatory Status
CWE/CE/IS Citizenship
CWE/CE Primary Language
CWE/IS Living Arrangement
CWE/CE Publicity Code
ID Protection Indicator
CWE/IS Student Indicator
CWE/CE/IS Religion
XPN Mother's Maiden Name
CWE/CE Nationality
CWE/CE/IS Ethnic Group
CWE/CE Contact Reason
XPN Contact Person's Name
XTN Contact Person's Telephone Number
XAD Contact Person's Address
CX Next of Kin/Associated Party's Identifiers
CWE/IS Job Status
CWE/CE/IS Race
CWE/IS Handicap
ST Contact Person Social Security Number
ST Next of Kin Birth Place
CWE/IS VIP Indicator
XTN Next of Kin Telecommunication Information
XTN Contact Person's Telecommunication Information

NPU Bed Status Update
PL/CM_INTERNAL_LOCATION/ID Bed Location
CWE/IS/ID Bed Status

NSC Application Status Change
CWE/IS/ID Application Change Type
ST Current CPU
ST Current Fileserver
HD/ST Current Application
HD/ST Current Facility
ST New CPU
ST New Fileserver
HD/ST New Application
HD/ST New Facility

NST Application control level statistics
ID Statistics Available
ST Source Identifier
ID Source Type
DTM/TS Statistics Start
DTM/TS Statistics End
NM Receive Character Count
NM Send Character Count
NM Messages Received
NM Messages Sent
NM Checksum Errors Received
NM Length Errors Received
NM Other Errors Received
NM Connect Timeouts
NM Receive Timeouts
NM Application control-level Errors

NTE Notes and Comments
SI Set ID - NTE
ID Source of Comment
FT/TX Comment
CWE/CE Comment Type
XCN Entered By
DTM Entered Date/Time
DTM Effective Start Date
DTM Expiration Date
CWE Coded Comment

OBR Observation Request
SI Set ID - OBR
EI/CM_PLACER/CM Placer Order Number
EI/CM_FILLER/CM Filler Order Number
CWE/CE Universal Service Identifier
ST/ID Priority
ST/DTM/TS Requested Date/Time
DTM/TS Observation Date/Time #
DTM/TS Observation End Date/Time #
CQ/CQ_QUANTITY Collection Volume *
XCN/CN Collector Identifier *
ID/ST Specimen Action Code *
CWE/CE/CM Danger Code
CWE/ST Relevant Clinical Information
ST/DTM/TS Specimen Received Date/Time *
ST/SPS/CM_SPS/CM Specimen Source
XCN/CN Ordering Provider
XTN/TN Order Callback Phone Number
ST Placer Field 1
ST Placer Field 2
ST Filler Field 1 +
ST Filler Field 2 +
DTM/TS Results Rpt/Status Chng - Date/Time +
MOC/CM_MOC/CM Charge to Practice +
ID Diagnostic Serv Sect ID
ID Result Status +
PRL/CM_PRL/CM_PARENT_RESULT/CE Parent Result +
ST/TQ/CM Quantity/Timing
XCN/CN Result Copies To
EIP/CM_EIP/CM Parent Result Observation Identifier
ID Transportation Mode
CWE/CE Reason for Study
NDL/CM_NDL/CN Principal Result Interpreter +
NDL/CM_NDL/CN Assistant Result Interpreter +
NDL/CM_NDL/CN Technician +
NDL/CM_NDL/CN Transcriptionist +
DTM/TS Scheduled Date/Time +
NM Number of Sample Containers *
CWE/CE Transport Logistics of Collected Sample *
CWE/CE Collector's Comment *
CWE/CE Transport Arrangement Responsibility
ID Transport Arranged
ID Escort Required
CWE/CE Planned Patient Transport Comment
CNE/CE Procedure Code
CNE/CE Procedure Code Modifier
CWE/CE Placer Supplemental Service Information
CWE/CE Filler Supplemental Service Information
CWE Medically Necessary Duplicate Procedure Reason
CWE/IS Result Handling
CWE Parent Universal Service Identifier
EI Observation Group ID
EI Parent Observation Group ID
CX Alternate Placer Order Number
EIP Parent Order
ID Action Code

OBX Observation/Result
SI Set ID - OBX
ID Value Type
CWE/CE Observation Identifier
ST/NM/OG Observation Sub-ID
ST/VARIES Observation Value
CWE/CE/ID Units
ST References Range
CWE/IS/ID/ST Interpretation Codes
NM Probability
ID Nature of Abnormal Test
ID Observation Result Status
DTM/TS Effective Date of Reference Range
ST User Defined Access Checks
DTM/TS Date/Time of the Observation
CWE/CE Producer's ID
XCN/CN Responsible Observer
CWE/CE Observation Method
EI Equipment Instance Identifier
DTM/TS Date/Time of the Analysis
CWE/ST Observation Site
EI/ST Observation Instance Identifier
CNE/ST Mood Code
XON Performing Organization Name
XAD Performing Organization Address
XCN Performing Organization Medical Director
ID Patient Results Release Category
CWE Root Cause
CWE Local Process Control
ID Observation Type
ID Observation Sub-Type
ID Action Code
CWE Observation Value Absent Reason
EIP Observation Related Specimen Identifier

ODS Dietary Orders, Supplements, and Preferences
ID Type
CWE/CE Service Period
CWE/CE Diet, Supplement, or Preference Code
ST Text Instruction

ODT Diet Tray Instructions
CWE/CE Tray Type
CWE/CE Service Period
ST Text Instruction

OH1

OH2

OH3

OH4

OM1 General Segment
NM/ST Sequence Number - Test/Observation Master File
CWE/CE/NM Producer's Service/Test/Observation ID
ID/CE Permitted Data Types
ID Specimen Required
CWE/CE/ID Producer ID
TX/CE Observation Description
CWE/CE/TX Other Service/Test/Observation IDs for the Observation
ST/CE Other Names
ST Preferred Report Name for the Observation
ST Preferred Short Name or Mnemonic for the Observation
ST Preferred Long Name for the Observation
ID/ST Orderability
CWE/CE/ID Identity of Instrument Used to Perform this Study
CWE/CE Coded Representation of Method
ID/CE Portable Device Indicator
CWE/CE/ID Observation Producing Department/Section
XTN/TN/ID Telephone Number of Section
CWE/IS/ID/TN Nature of Service/Test/Observation
CWE/CE/ID Report Subheader
ST/CE Report Display Order
DTM/TS/ST Date/Time Stamp for Any Change in Definition for the Observation
DTM/TS Effective Date/Time of Change
NM/TS Typical Turn-Around Time
NM Processing Time
ID/NM Processing Priority
ID Reporting Priority
CWE/CE/ID Outside Site(s) Where Observation May Be Performed
XAD/AD/CE Address of Outside Site(s)
XTN/TN/AD Phone Number of Outside Site
CWE/IS/ID/TN Confidentiality Code
CWE/CE/ID Observations Required to Interpret this Observation
TX/CE Interpretation of Observations
CWE/CE/TX Contraindications to Observations
CWE/CE Reflex Tests/Observations
TX/ST/CE Rules that Trigger Reflex Testing
CWE/CE/ST Fixed Canned Message
TX/CE Patient Preparation
CWE/CE/TX Procedure Medication
TX/CE Factors that may Affect the Observation
ST/TX Service/Test/Observation Performance Schedule
TX/ST Description of Test Methods
CWE/CE/TX Kind of Quantity Observed
CWE/CE Point Versus Interval
TX Challenge Information
CWE/CE Relationship Modifier
CWE/CE Target Anatomic Site Of Test
CWE/CE Modality of Imaging Measurement

OM2 Numeric Observation
NM/ST Sequence Number - Test/Observation Master File
CWE/CE/NM Units of Measure
NM/CE Range of Decimal Precision
CWE/CE/NM Corresponding SI Units of Measure
TX/CE SI Conversion Factor
RFR/CM_RFR/TX Reference (Normal) Range for Ordinal and Continuous Observations
RFR/NR/CM_RANGE/CM_RFR Critical Range for Ordinal and Continuous Observations
RFR/CM_ABS_RANGE/CM_RANGE Absolute Range for Ordinal and Continuous Observations
DLT/CM_DLT/CM_ABS_RANGE Delta Check Criteria
NM/CM_DLT Minimum Meaningful Increments
NM Minimum Meaningful Increments

OM3 Categorical Service/Test/Observation
NM/ST Sequence Number - Test/Observation Master File
CWE/CE/NM Preferred Coding System
CWE/CE/ID Valid Coded "Answers"
CWE/CE Normal Text/Codes for Categorical Observations
CWE/CE Abnormal Text/Codes for Categorical Observations
CWE/CE Critical Text/Codes for Categorical Observations
ID/CE Value Type
ID Data Type

OM4 Observations that Require Specimens
NM/ST Sequence Number - Test/Observation Master File
ID/NM Derived Specimen
TX/ID Container Description
NM/TX Container Volume
CWE/CE/NM Container Units
CWE/CE Specimen
CWE/CE Additive
TX/CE Preparation
TX Special Handling Requirements
CQ/TX Normal Collection Volume
CQ/CQ_QUANTITY Minimum Collection Volume
TX/CQ_QUANTITY Specimen Requirements
ID/TX Specimen Priorities
CQ/ID Specimen Retention Time
CQ_QUANTITY Specimen Retention Time

OM5 Observation Batteries (Sets)
NM/ST Sequence Number - Test/Observation Master File
CWE/CE/NM Test/Observations Included Within an Ordered Test Battery
ST/CE Observation ID Suffixes
ST Observation ID Suffixes

OM6 Observations that are Calculated from Other Observations
NM/ST Sequence Number - Test/Observation Master File
TX/NM Derivation Rule
TX Derivation Rule

OM7 Additional Basic Attributes
NM Sequence Number - Test/Observation Master File
CWE/CE Universal Service Identifier
CWE/CE Category Identifier
TX Category Description
ST Category Synonym
DTM/TS Effective Test/Service Start Date/Time
DTM/TS Effective Test/Service End Date/Time
NM Test/Service Default Duration Quantity
CWE/CE Test/Service Default Duration Units
CWE/IS Test/Service Default Frequency
ID Consent Indicator
CWE/CE Consent Identifier
DTM/TS Consent Effective Start Date/Time
DTM/TS Consent Effective End Date/Time
NM Consent Interval Quantity
CWE/CE Consent Interval Units
NM Consent Waiting Period Quantity
CWE/CE Consent Waiting Period Units
DTM/TS Effective Date/Time of Change
XCN Entered By
PL Orderable-at Location
CWE/IS Formulary Status
ID Special Order Indicator
CWE/CE Primary Key Value - CDM

OMC

ORC Common Order
ID/ST Order Control
EI/CM_PLACER/CM Placer Order Number
EI/CM_FILLER/CM Filler Order Number
EI/CM_GROUP_ID/CM/EIP Placer Group Number
ID/ST Order Status
ID/ST Response Flag
ST/TQ/CM Quantity/Timing
EIP/CM_EIP/CM Parent Order
DTM/TS Date/Time of Transaction
XCN/CN Entered By
XCN/CN Verified By
XCN/CN Ordering Provider
PL/CM_PARENT_RESULT/CM Enterer's Location
XTN/TN Call Back Phone Number
DTM/TS Order Effective Date/Time
CWE/CE Order Control Code Reason
CWE/CE Entering Organization
CWE/CE Entering Device
XCN/CN Action By
CWE/CE Advanced Beneficiary Notice Code
XON Ordering Facility Name
XAD Ordering Facility Address
XTN Ordering Facility Phone Number
XAD Ordering Provider Address
CWE Order Status Modifier
CWE Advanced Beneficiary Notice Override Reason
DTM/TS Filler's Expected Availability Date/Time
CWE Confidentiality Code
CWE Order Type
CNE Enterer Authorization Mode
CWE Parent Universal Service Identifier
DT Advanced Beneficiary Notice Date
CX Alternate Placer Order Number
CWE Order Workflow Profile
ID Action Code
DR Order Status Date Range
DTM Order Creation Date/Time
EI Filler Order Group Number

ORG Practitioner Organization Unit s
SI Set ID - ORG
CWE/CE Organization Unit Code
CWE/CE Organization Unit Type Code
ID Primary Org Unit Indicator
CX Practitioner Org Unit Identifier
CWE/CE Health Care Provider Type Code
CWE/CE Health Care Provider Classification Code
CWE/CE Health Care Provider Area of Specialization Code
DR Effective Date Range
CWE/CE Employment Status Code
ID Board Approval Indicator
ID Primary Care Physician Indicator
CWE Cost Center Code

ORO Order other
CE Order item id
ID Substitute allowed
CN Results copies to
ID Stock location

OVR Override Segment
CWE Business Rule Override Type
CWE Business Rule Override Code
TX Override Comments
XCN Override Entered By
XCN Override Authorized By

PAC Shipment Package
SI Set Id - PAC
EI Package ID
EI Parent Package ID
NA Position in Parent Package
CWE Package Type
CWE Package Condition
CWE Package Handling Code
CWE Package Risk Code

PCE Patient Charge Cost Center Exceptions
SI Set ID - PCE
CX/IS Cost Center Account Number
CWE Transaction Code
CP Transaction Amount - Unit

PCR Possible Causal Relationship
CWE/CE Implicated Product
IS Generic Product
CWE/CE Product Class
CQ Total Duration Of Therapy
DTM/TS Product Manufacture Date
DTM/TS Product Expiration Date
DTM/TS Product Implantation Date
DTM/TS Product Explantation Date
CWE/IS Single Use Device
CWE/CE Indication For Product Use
CWE/IS Product Problem
ST Product Serial/Lot Number
CWE/IS Product Available For Inspection
CWE/CE Product Evaluation Performed
CWE/CE Product Evaluation Status
CWE/CE Product Evaluation Results
ID Evaluated Product Source
DTM/TS Date Product Returned To Manufacturer
ID Device Operator Qualifications
ID Relatedness Assessment
ID Action Taken In Response To The Event
ID Event Causality Observations
ID Indirect Exposure Mechanism

PD1 Patient Additional Demographic
CWE/IS Living Dependency
CWE/IS Living Arrangement
XON Patient Primary Facility
ST/XCN Patient Primary Care Provider Name & ID No.
CWE/IS Student Indicator
CWE/IS Handicap
CWE/IS Living Will Code
CWE/IS Organ Donor Code
ID Separate Bill
CX Duplicate Patient
CWE/CE Publicity Code
ID Protection Indicator
DT Protection Indicator Effective Date
XON Place of Worship
CWE/CE Advance Directive Code
CWE/IS Immunization Registry Status
DT Immunization Registry Status Effective Date
DT Publicity Code Effective Date
CWE/IS Military Branch
CWE/IS Military Rank/Grade
CWE/IS Military Status
DT Advance Directive Last Verified Date

PDA Patient Death and Autopsy
CWE/CE Death Cause Code
PL Death Location
ID Death Certified Indicator
DTM/TS Death Certificate Signed Date/Time
XCN Death Certified By
ID Autopsy Indicator
DR Autopsy Start and End Date/Time
XCN Autopsy Performed By
ID Coroner Indicator

PDC Product Detail Country
XON Manufacturer/Distributor
CWE/CE Country
ST Brand Name
ST Device Family Name
CWE/CE Generic Name
ST Model Identifier
ST Catalogue Identifier
ST Other Identifier
CWE/CE Product Code
ID Marketing Basis
ST Marketing Approval ID
CQ Labeled Shelf Life
CQ Expected Shelf Life
DTM/TS Date First Marketed
DTM/TS Date Last Marketed

PEO Product Experience Observation
CWE/CE Event Identifiers Used
CWE/CE Event Symptom/Diagnosis Code
DTM/TS Event Onset Date/Time
DTM/TS Event Exacerbation Date/Time
DTM/TS Event Improved Date/Time
DTM/TS Event Ended Data/Time
XAD Event Location Occurred Address
ID Event Qualification
ID Event Serious
ID Event Expected
ID Event Outcome
ID Patient Outcome
FT Event Description from Others
FT Event Description from Original Reporter
FT Event Description from Patient
FT Event Description from Practitioner
FT Event Description from Autopsy
CWE/CE Cause Of Death
XPN Primary Observer Name
XAD Primary Observer Address
XTN Primary Observer Telephone
ID Primary Observer's Qualification
ID Confirmation Provided By
DTM/TS Primary Observer Aware Date/Time
ID Primary Observer's identity May Be Divulged

PES Product Experience Sender
XON Sender Organization Name
XCN Sender Individual Name
XAD Sender Address
XTN Sender Telephone
EI Sender Event Identifier
NM Sender Sequence Number
FT Sender Event Description
FT Sender Comment
DTM/TS Sender Aware Date/Time
DTM/TS Event Report Date
ID Event Report Timing/Type
ID Event Report Source
ID Event Reported To

PID Patient Identification
SI Set ID - PID
ST/CX/CK Patient ID
CX/CM_PAT_ID/CK Patient Identifier List
ST/CX Alternate Patient ID - PID
XPN/PN Patient Name
XPN/ST Mother's Maiden Name
DTM/TS/DT Date/Time of Birth
CWE/IS/ID Administrative Sex
ST/XPN/PN Patient Alias
CWE/CE/IS/ID Race
XAD/AD Patient Address
ST/IS/ID County Code
XTN/TN Phone Number - Home
XTN/TN Phone Number - Business
CWE/CE/ST Primary Language
CWE/CE/IS/ID Marital Status
CWE/CE/IS/ID Religion
CX/CK Patient Account Number
ST SSN Number - Patient
ST/DLN/CM_LICENSE_NO/CM Driver's License Number - Patient
CX/CK Mother's Identifier
CWE/CE/IS/ID Ethnic Group
ST Birth Place
ID Multiple Birth Indicator
NM Birth Order
CWE/CE/IS/ID Citizenship
CWE/CE/ST Veterans Military Status
ST/CWE/CE Nationality
DTM/TS Patient Death Date and Time
ID Patient Death Indicator
ID Identity Unknown Indicator
CWE/IS Identity Reliability Code
DTM/TS Last Update Date/Time
HD Last Update Facility
CWE/CE Species Code
CWE/CE Breed Code
ST Strain
CWE/CE Production Class Code
CWE Tribal Citizenship
XTN Patient Telecommunication Information

PKG Item Packaging
SI Set Id - PKG
CWE Packaging Units
CNE Default Order Unit Of Measure Indicator
NM Package Quantity
CP Price
CP Future Item Price
DTM Future Item Price Effective Date

PM1

PMT Payment Information
EI Payment/Remittance Advice Number
DTM Payment/Remittance Effective Date/Time
DTM Payment/Remittance Expiration Date/Time
CWE Payment Method
DTM Payment/Remittance Date/Time
CP Payment/Remittance Amount
EI Check Number
XON Payee Bank Identification
ST Payee Transit Number
CX Payee Bank Account ID
XON Payment Organization
ST ESR-Code-Line

PR1 Procedures
SI Set ID - PR1
ST/IS/ID Procedure Coding Method
CNE/CE/ID Procedure Code
ST Procedure Description
DTM/TS Procedure Date/Time
CWE/IS/ID Procedure Functional Type
NM Procedure Minutes
ST/XCN/CN Anesthesiologist
CWE/IS/ID Anesthesia Code
NM Anesthesia Minutes
ST/XCN/CN Surgeon
ST/XCN/CM_PRACTITIONER/CN Procedure Practitioner
CWE/CE/ID Consent Code
NM/ID Procedure Priority
CWE/CE Associated Diagnosis Code
CNE/CE Procedure Code Modifier
CWE/IS Procedure DRG Type
CWE/CE Tissue Type Code
EI Procedure Identifier
ID Procedure Action Code
CWE/IS DRG Procedure Determination Status
CWE/IS DRG Procedure Relevance
PL Treating Organizational Unit
ID Respiratory Within Surgery
EI Parent Procedure ID

PRA Practitioner Detail
CWE/CE/ST Primary Key Value - PRA
CWE/CE Practitioner Group
CWE/IS/ID Practitioner Category
ID Provider Billing
SPD/CM_SPD Specialty
PLN/CM_PLN Practitioner ID Numbers
PIP/CM_PIP Privileges
DT Date Entered Practice
CWE/CE Institution
DT Date Left Practice
CWE/CE Government Reimbursement Billing Eligibility
SI Set ID - PRA

PRB Problem Details
ID Action Code
DTM/TS Action Date/Time
CWE/CE Problem ID
EI Problem Instance ID
EI Episode of Care ID
NM Problem List Priority
DTM/TS Problem Established Date/Time
DTM/TS Anticipated Problem Resolution Date/Time
DTM/TS Actual Problem Resolution Date/Time
CWE/CE Problem Classification
CWE/CE Problem Management Discipline
CWE/CE Problem Persistence
CWE/CE Problem Confirmation Status
CWE/CE Problem Life Cycle Status
DTM/TS Problem Life Cycle Status Date/Time
DTM/TS Problem Date of Onset
ST Problem Onset Text
CWE/CE Problem Ranking
CWE/CE Certainty of Problem
NM Probability of Problem (0-1)
CWE/CE Individual Awareness of Problem
CWE/CE Problem Prognosis
CWE/CE Individual Awareness of Prognosis
ST Family/Significant Other Awareness of Problem/Prognosis
CWE/CE Security/Sensitivity
CWE Problem Severity
CWE Problem Perspective
CNE Mood Code

PRC Pricing
CWE/CE Primary Key Value - PRC
CWE/CE/EI Facility ID - PRC
CWE/CE Department
CWE/IS/ID Valid Patient Classes
CP Price
ST Formula
NM Minimum Quantity
NM Maximum Quantity
MO Minimum Price
MO Maximum Price
DTM/TS Effective Start Date
DTM/TS Effective End Date
CWE/IS/ID Price Override Flag
CWE/CE Billing Category
ID Chargeable Flag
ID Active/Inactive Flag
MO Cost
CWE/IS/ID Charge on Indicator

PRD Provider Data
CWE/CE Provider Role
XPN Provider Name
XAD Provider Address
PL Provider Location
XTN Provider Communication Information
CWE/CE Preferred Method of Contact
PLN/PI/CM_PI Provider Identifiers
DTM/TS Effective Start Date of Provider Role
DTM/TS Effective End Date of Provider Role
XON Provider Organization Name and Identifier
XAD Provider Organization Address
PL Provider Organization Location Information
XTN Provider Organization Communication Information
CWE Provider Organization Method of Contact

PRT Participation Information
EI Participation Instance ID
ID Action Code
CWE Action Reason
CWE Participation
XCN Participation Person
CWE Participation Person Provider Type
CWE Participant Organization Unit Type
XON Participation Organization
PL Participant Location
EI Participation Device
DTM Participation Begin Date/Time (arrival time)
DTM Participation End Date/Time (departure time)
CWE Participation Qualitative Duration
XAD Participation Address
XTN Participant Telecommunication Address
EI UDI Device Identifier
DTM Device Manufacture Date
DTM Device Expiry Date
ST Device Lot Number
ST Device Serial Number
EI Device Donation Identification
CNE Device Type
CWE Preferred Method of Contact
PLN Contact Identifiers

PSG Product/Service Group
EI Provider Product/Service Group Number
EI Payer Product/Service Group Number
SI Product/Service Group Sequence Number
ID Adjudicate as Group
CP Product/Service Group Billed Amount
ST Product/Service Group Description

PSH Product Summary Header
ST Report Type
ST Report Form Identifier
DTM/TS Report Date
DTM/TS Report Interval Start Date
DTM/TS Report Interval End Date
CQ Quantity Manufactured
CQ Quantity Distributed
ID Quantity Distributed Method
FT Quantity Distributed Comment
CQ Quantity in Use
ID Quantity in Use Method
FT Quantity in Use Comment
NM Number of Product Experience Reports Filed by Facility
NM Number of Product Experience Reports Filed by Distributor

PSL Product/Service Line Item
EI Provider Product/Service Line Item Number
EI Payer Product/Service Line Item Number
SI Product/Service Line Item Sequence Number
EI Provider Tracking ID
EI Payer Tracking ID
CWE Product/Service Line Item Status
CWE Product/Service Code
CWE Product/Service Code Modifier
ST Product/Service Code Description
DTM Product/Service Effective Date
DTM Product/Service Expiration Date
CQ Product/Service Quantity
CP Product/Service Unit Cost
NM Number of Items per Unit
CP Product/Service Gross Amount
CP Product/Service Billed Amount
CWE/IS Product/Service Clarification Code Type
ST Product/Service Clarification Code Value
EI Health Document Reference Identifier
CWE/IS Processing Consideration Code
ID Restricted Disclosure Indicator
CWE Related Product/Service Code Indicator
CP Product/Service Amount for Physician
NM Product/Service Cost Factor
CX Cost Center
DR Billing Period
NM Days without Billing
NM Session-No
XCN Executing Physician ID
XCN Responsible Physician ID
CWE Role Executing Physician
CWE Medical Role Executing Physician
CWE Side of body
NM Number of TP's PP
CP TP-Value PP
NM Internal Scaling Factor PP
NM External Scaling Factor PP
CP Amount PP
NM Number of TP's Technical Part
CP TP-Value Technical Part
NM Internal Scaling Factor Technical Part
NM External Scaling Factor Technical Part
CP Amount Technical Part
CP Total Amount Professional Part + Technical Part
NM VAT-Rate
ID Main-Service
ID Validation
ST Comment

PSS Product/Service Section
EI Provider Product/Service Section Number
EI Payer Product/Service Section Number
SI Product/Service Section Sequence Number
CP Billed Amount
ST Section Description or Heading

PTH Pathway
ID Action Code
CWE/CE Pathway ID
EI Pathway Instance ID
DTM/TS Pathway Established Date/Time
CWE/CE Pathway Life Cycle Status
DTM/TS Change Pathway Life Cycle Status Date/Time
CNE Mood Code

PV1 Patient Visit
SI Set ID - PV1
CWE/IS/ID Patient Class
PL/CM_INTERNAL_LOCATION/ID Assigned Patient Location
CWE/IS/ID Admission Type
CX/ST Preadmit Number
PL/CM_INTERNAL_LOCATION/ID Prior Patient Location
XCN/CN Attending Doctor
XCN/CN Referring Doctor
XCN/CN Consulting Doctor
CWE/IS/ID Hospital Service
PL/CM_INTERNAL_LOCATION/ID Temporary Location
CWE/IS/ID Preadmit Test Indicator
CWE/IS/ID Re-admission Indicator
CWE/IS/ID Admit Source
CWE/IS/ID Ambulatory Status
CWE/IS/ID VIP Indicator
XCN/CN Admitting Doctor
CWE/IS/ID Patient Type
CX/CM_PAT_ID/NM Visit Number
FC/CM_FINANCE/ID Financial Class
CWE/IS/ID Charge Price Indicator
CWE/IS/ID Courtesy Code
CWE/IS/ID Credit Rating
CWE/IS/ID Contract Code
DT Contract Effective Date
NM Contract Amount
NM Contract Period
CWE/IS/ID Interest Code
CWE/IS/ID Transfer to Bad Debt Code
DT Transfer to Bad Debt Date
CWE/IS/ID/ST Bad Debt Agency Code
NM Bad Debt Transfer Amount
NM Bad Debt Recovery Amount
CWE/IS/ID Delete Account Indicator
DT Delete Account Date
CWE/IS/ID Discharge Disposition
DLD/CM_DLD/ID Discharged to Location
CWE/CE/ID Diet Type
CWE/IS/ID Servicing Facility
ST/IS/ID Bed Status
CWE/IS/ID Account Status
PL/CM_INTERNAL_LOCATION/ID Pending Location
PL/CM_INTERNAL_LOCATION/ID Prior Temporary Location
DTM/TS Admit Date/Time
DTM/TS Discharge Date/Time
NM Current Patient Balance
NM Total Charges
NM Total Adjustments
NM Total Payments
CX/CM_PAT_ID_0192 Alternate Visit ID
CWE/IS Visit Indicator
ST/XCN Other Healthcare Provider
ST Service Episode Description
CX Service Episode Identifier

PV2 Patient Visit - Additional Information
PL/CM_INTERNAL_LOCATION Prior Pending Location
CWE/CE Accommodation Code
CWE/CE Admit Reason
CWE/CE Transfer Reason
ST Patient Valuables
ST Patient Valuables Location
CWE/IS/ID Visit User Code
DTM/TS/DT Expected Admit Date/Time
DTM/TS/DT Expected Discharge Date/Time
NM Estimated Length of Inpatient Stay
NM Actual Length of Inpatient Stay
ST Visit Description
XCN Referral Source Code
DT Previous Service Date
ID Employment Illness Related Indicator
CWE/IS Purge Status Code
DT Purge Status Date
CWE/IS Special Program Code
ID Retention Indicator
NM Expected Number of Insurance Plans
CWE/IS Visit Publicity Code
ID Visit Protection Indicator
XON Clinic Organization Name
CWE/IS Patient Status Code
CWE/IS Visit Priority Code
DT Previous Treatment Date
CWE/IS Expected Discharge Disposition
DT Signature on File Date
DT First Similar Illness Date
CWE/CE/IS Patient Charge Adjustment Code
CWE/IS Recurring Service Code
ID Billing Media Code
DTM/TS Expected Surgery Date and Time
ID Military Partnership Code
ID Military Non-Availability Code
ID Newborn Baby Indicator
ID Baby Detained Indicator
CWE/CE Mode of Arrival Code
CWE/CE Recreational Drug Use Code
CWE/CE Admission Level of Care Code
CWE/CE Precaution Code
CWE/CE Patient Condition Code
CWE/IS Living Will Code
CWE/IS Organ Donor Code
CWE/CE Advance Directive Code
DT Patient Status Effective Date
DTM/TS Expected LOA Return Date/Time
DTM/TS Expected Pre-admission Testing Date/Time
CWE/IS Notify Clergy Code
DT Advance Directive Last Verified Date

PYE Payee Information
SI Set ID - PYE
CWE/IS Payee Type
CWE/IS Payee Relationship to Invoice (Patient)
XON Payee Identification List
XPN Payee Person Name
XAD Payee Address
CWE/IS Payment Method

QAK Query Acknowledgment
ST Query Tag
ID Query Response Status
CWE/CE Message Query Name
NM Hit Count Total
NM This payload
NM Hits remaining

QCK QCK
ST Contents

QID Query Identification
ST Query Tag
CWE/CE Message Query Name

QPD Query Parameter Definition
CWE/CE Message Query Name
ST Query Tag
ST/VARIES User Parameters (in successive fields)

QRD Original-Style Query Definition
DTM/TS Query Date/Time
ID Query Format Code
ID Query Priority
ST Query ID
ID Deferred Response Type
DTM/TS Deferred Response Date/Time
CQ/CQ_QUANTITY Quantity Limited Request
XCN/ST Who Subject Filter
CWE/CE/ID What Subject Filter
CWE/CE/ST What Department Data Code
VR/CM_VR/ST What Data Code Value Qual.
ID Query Results Level

QRF Original style query filter
ST Where Subject Filter
DTM/TS When Data Start Date/Time
DTM/TS When Data End Date/Time
ST What User Qualifier
ST Other QRY Subject Filter
ID Which Date/Time Qualifier
ID Which Date/Time Status Qualifier
ID Date/Time Selection Qualifier
TQ When Quantity/Timing Qualifier
NM Search Confidence Threshold

QRI Query Response Instance
NM Candidate Confidence
CWE/IS Match Reason Code
CWE/CE Algorithm Descriptor

RCP Response Control Parameter
ID Query Priority
CQ Quantity Limited Request
CNE/CE Response Modality
DTM/TS Execution and Delivery Time
ID Modify Indicator
SRT Sort-by Field
ID Segment group inclusion

RDF Table Row Definition
NM Number of Columns per Row
RCD Column Description

RDT Table Row Data
ST/VARIES Column Value

REL Clinical Relationship Segment
SI Set ID -REL
CWE Relationship Type
EI This Relationship Instance Identifier
EI Source Information Instance Identifier
EI Target Information Instance Identifier
EI Asserting Entity Instance ID
XCN Asserting Person
XON Asserting Organization
XAD Assertor Address
XTN Assertor Contact
DR Assertion Date Range
ID Negation Indicator
CWE Certainty of Relationship
NM Priority No
NM Priority Sequence No (rel preference for consideration)
ID Separability Indicator

RF1 Referral Information
CWE/CE Referral Status
CWE/CE Referral Priority
CWE/CE Referral Type
CWE/CE Referral Disposition
CWE/CE Referral Category
EI Originating Referral Identifier
DTM/TS Effective Date
DTM/TS Expiration Date
DTM/TS Process Date
CWE/CE Referral Reason
EI External Referral Identifier
CWE Referral Documentation Completion Status
DTM Planned Treatment Stop Date
ST Referral Reason Text
CQ Number of Authorized Treatments/Units
CQ Number of Used Treatments/Units
CQ Number of Schedule Treatments/Units
MO Remaining Benefit Amount
XON Authorized Provider
XCN Authorized Health Professional
ST Source Text
DTM Source Date
XTN Source Phone
ST Comment
ID Action Code

RFI Request for Information
DTM Request Date
DTM Response Due Date
ID Patient Consent
DTM Date Additional Information Was Submitted

RGS Resource Group
SI Set ID - RGS
ID Segment Action Code
CWE/CE Resource Group ID

RMI Risk Management Incident
CWE/CE Risk Management Incident Code
DTM/TS Date/Time Incident
CWE/CE Incident Type Code

ROL Role
EI Role Instance ID
ID Action Code
CWE/CE Role-ROL
XCN Role Person
DTM/TS Role Begin Date/Time
DTM/TS Role End Date/Time
CWE/CE Role Duration
CWE/CE Role Action Reason
CWE/CE Provider Type
CWE/CE Organization Unit Type
XAD Office/Home Address/Birthplace
XTN Phone
PL Person's Location
XON Organization

RQ1 Requisition Detail-1
ST/SI Anticipated Price
CWE/CE Manufacturer Identifier
ST Manufacturer's Catalog
CWE/CE Vendor ID
ST Vendor Catalog
ID Taxable
ID Substitute Allowed

RQD Requisition Detail
SI Requisition Line Number
CWE/CE Item Code - Internal
CWE/CE Item Code - External
CWE/CE Hospital Item Code
NM Requisition Quantity
CWE/CE Requisition Unit of Measure
CX/IS/ID Cost Center Account Number
CWE/IS/ID Item Natural Account Code
CWE/CE Deliver To ID
DT Date Needed

RX1 Pharmacy order
ST Unused
ST Unused
ST Route
ST Site administered
CQ Iv solution rate
CQ Drug strength
NM Final concentration
NM Final volume in ml.
CM Drug dose
ID Drug role
NM Prescription sequence
CQ Quantity dispensed
ST Unused
CE Drug id
ID Component drug ids
ID Prescription type
ID Substitution status
ID Rx order status
NM Number of refills
ST Unused
NM Refills remaining
ID Dea class
NM Ordering md's dea number
ST Unused
TS Last refill date/time
ST Rx number
ID Prn status
TX Pharmacy instructions
TX Patient instructions
TX Instructions

RXA Pharmacy/Treatment Administration
NM/ID Give Sub-ID Counter
NM Administration Sub-ID Counter
DTM/TS Date/Time Start of Administration
DTM/TS Date/Time End of Administration
CWE/CE Administered Code
NM Administered Amount
CWE/CE Administered Units
CWE/CE Administered Dosage Form
CWE/CE/ST Administration Notes
XCN/CN Administering Provider
LA2/CM_LA1 Administered-at Location
ST Administered Per (Time Unit)
NM Administered Strength
CWE/CE Administered Strength Units
ST Substance Lot Number
DTM/TS Substance Expiration Date
CWE/CE Substance Manufacturer Name
CWE/CE Substance/Treatment Refusal Reason
CWE/CE Indication
ID Completion Status
ID Action Code - RXA
DTM/TS System Entry Date/Time
NM Administered Drug Strength Volume
CWE Administered Drug Strength Volume Units
CWE Administered Barcode Identifier
ID Pharmacy Order Type
PL Administer-at
XAD Administered-at Address
EI Administered Tag Identifier

RXC Pharmacy/Treatment Component Order
ID RX Component Type
CWE/CE Component Code
NM Component Amount
CWE/CE Component Units
NM Component Strength
CWE/CE Component Strength Units
CWE/CE Supplementary Code
NM Component Drug Strength Volume
CWE Component Drug Strength Volume Units

RXD Pharmacy/Treatment Dispense
NM Dispense Sub-ID Counter
CWE/CE Dispense/Give Code
DTM/TS Date/Time Dispensed
NM Actual Dispense Amount
CWE/CE Actual Dispense Units
CWE/CE Actual Dosage Form
ST Prescription Number
NM Number of Refills Remaining
ST/CE Dispense Notes
XCN/CN Dispensing Provider
ID Substitution Status
CQ/CQ_QUANTITY Total Daily Dose
LA2/CM_LA1 Dispense-to Location
ID Needs Human Review
CWE/CE Pharmacy/Treatment Supplier's Special Dispensing Instructions
NM Actual Strength
CWE/CE Actual Strength Unit
ST Substance Lot Number
DTM/TS Substance Expiration Date
CWE/CE Substance Manufacturer Name
CWE/CE Indication
NM Dispense Package Size
CWE/CE Dispense Package Size Unit
ID Dispense Package Method
CWE/CE Supplementary Code
CWE/CE Initiating Location
CWE/CE Packaging/Assembly Location
NM Actual Drug Strength Volume
CWE Actual Drug Strength Volume Units
CWE Dispense to Pharmacy
XAD Dispense to Pharmacy Address
ID Pharmacy Order Type
CWE Dispense Type
XTN Pharmacy Phone Number
EI Dispense Tag Identifier

RXE Pharmacy/Treatment Encoded Order
ST/TQ Quantity/Timing
CWE/CE Give Code
NM Give Amount - Minimum
NM Give Amount - Maximum
CWE/CE Give Units
CWE/CE Give Dosage Form
CWE/CE Provider's Administration Instructions
ST/LA1/CM_LA1 Deliver-to Location
ID Substitution Status
NM Dispense Amount
CWE/CE Dispense Units
NM Number of Refills
XCN/CN Ordering Provider's DEA Number
XCN/CN Pharmacist/Treatment Supplier's Verifier ID
ST Prescription Number
NM Number of Refills Remaining
NM Number of Refills/Doses Dispensed
DTM/TS D/T of Most Recent Refill or Dose Dispensed
CQ/CQ_QUANTITY Total Daily Dose
ID Needs Human Review
CWE/CE Pharmacy/Treatment Supplier's Special Dispensing Instructions
ST Give Per (Time Unit)
ST/CE Give Rate Amount
CWE/CE Give Rate Units
NM Give Strength
CWE/CE Give Strength Units
CWE/CE Give Indication
NM Dispense Package Size
CWE/CE Dispense Package Size Unit
ID Dispense Package Method
CWE/CE Supplementary Code
DTM/TS Original Order Date/Time
NM Give Drug Strength Volume
CWE Give Drug Strength Volume Units
CWE Controlled Substance Schedule
ID Formulary Status
CWE Pharmaceutical Substance Alternative
CWE Pharmacy of Most Recent Fill
NM Initial Dispense Amount
CWE Dispensing Pharmacy
XAD Dispensing Pharmacy Address
PL Deliver-to Patient Location
XAD Deliver-to Address
ID Pharmacy Order Type
XTN Pharmacy Phone Number

RXG Pharmacy/Treatment Give
NM/ID Give Sub-ID Counter
NM Dispense Sub-ID Counter
ST/TQ Quantity/Timing
CWE/CE Give Code
NM Give Amount - Minimum
NM Give Amount - Maximum
CWE/CE Give Units
CWE/CE Give Dosage Form
CWE/CE/ST Administration Notes
ID Substitution Status
LA2/CM_LA1 Dispense-To Location
ID Needs Human Review
CWE/CE Pharmacy/Treatment Supplier's Special Administration Instructions
ST Give Per (Time Unit)
ST/CE Give Rate Amount
CWE/CE Give Rate Units
NM Give Strength
CWE/CE Give Strength Units
ST Substance Lot Number
DTM/TS Substance Expiration Date
CWE/CE Substance Manufacturer Name
CWE/CE Indication
NM Give Drug Strength Volume
CWE Give Drug Strength Volume Units
CWE Give Barcode Identifier
ID Pharmacy Order Type
CWE Dispense to Pharmacy
XAD Dispense to Pharmacy Address
PL Deliver-to Patient Location
XAD Deliver-to Address

RXO Pharmacy/Treatment Order
CWE/CE Requested Give Code
NM Requested Give Amount - Minimum
NM Requested Give Amount - Maximum
CWE/CE Requested Give Units
CWE/CE Requested Dosage Form
CWE/CE Provider's Pharmacy/Treatment Instructions
CWE/CE Provider's Administration Instructions
LA1/CM_LA1 Deliver-To Location
ID Allow Substitutions
CWE/CE Requested Dispense Code
NM Requested Dispense Amount
CWE/CE Requested Dispense Units
NM Number Of Refills
XCN/CN Ordering Provider's DEA Number
XCN/CN Pharmacist/Treatment Supplier's Verifier ID
ID Needs Human Review
ST Requested Give Per (Time Unit)
NM Requested Give Strength
CWE/CE Requested Give Strength Units
CWE/CE Indication
ST Requested Give Rate Amount
CWE/CE Requested Give Rate Units
CQ Total Daily Dose
CWE/CE Supplementary Code
NM Requested Drug Strength Volume
CWE Requested Drug Strength Volume Units
ID Pharmacy Order Type
NM Dispensing Interval
EI Medication Instance Identifier
EI Segment Instance Identifier
CNE Mood Code
CWE Dispensing Pharmacy
XAD Dispensing Pharmacy Address
PL Deliver-to Patient Location
XAD Deliver-to Address
XTN Pharmacy Phone Number

RXR Pharmacy/Treatment Route
CWE/CE Route
CWE/CE Administration Site
CWE/CE Administration Device
CWE/CE Administration Method
CWE/CE Routing Instruction
CWE Administration Site Modifier

RXV

SAC Specimen Container detail
EI External Accession Identifier
EI Accession Identifier
EI Container Identifier
EI Primary (Parent) Container Identifier
EI Equipment Container Identifier
ST/SPS Specimen Source
DTM/TS Registration Date/Time
CWE/CE Container Status
CWE/CE Carrier Type
EI Carrier Identifier
NA Position in Carrier
CWE/CE Tray Type - SAC
EI Tray Identifier
NA Position in Tray
CWE/CE Location
NM Container Height
NM Container Diameter
NM Barrier Delta
NM Bottom Delta
CWE/CE Container Height/Diameter/Delta Units
NM Container Volume
NM Available Specimen Volume
NM Initial Specimen Volume
CWE/CE Volume Units
CWE/CE Separator Type
CWE/CE Cap Type
CWE/CE Additive
CWE/CE Specimen Component
SN Dilution Factor
CWE/CE Treatment
SN Temperature
NM Hemolysis Index
CWE/CE Hemolysis Index Units
NM Lipemia Index
CWE/CE Lipemia Index Units
NM Icterus Index
CWE/CE Icterus Index Units
NM Fibrin Index
CWE/CE Fibrin Index Units
CWE/CE System Induced Contaminants
CWE/CE Drug Interference
CWE/CE Artificial Blood
CWE/CE Special Handling Code
CWE/CE Other Environmental Factors

SCD Anti-Microbial Cycle Data
TM Cycle Start Time
NM Cycle Count
CQ Temp Max
CQ Temp Min
NM Load Number
CQ Condition Time
CQ Sterilize Time
CQ Exhaust Time
CQ Total Cycle Time
CWE Device Status
DTM Cycle Start Date/Time
CQ Dry Time
CQ Leak Rate
CQ Control Temperature
CQ Sterilizer Temperature
TM Cycle Complete Time
CQ Under Temperature
CQ Over Temperature
CNE Abort Cycle
CNE Alarm
CNE Long in Charge Phase
CNE Long in Exhaust Phase
CNE Long in Fast Exhaust Phase
CNE Reset
XCN Operator - Unload
CNE Door Open
CNE Reading Failure
CWE Cycle Type
CQ Thermal Rinse Time
CQ Wash Time
CQ Injection Rate
CNE Procedure Code
CX Patient Identifier List
XCN Attending Doctor
SN Dilution Factor
CQ Fill Time
CQ Inlet Temperature

SCH Scheduling Activity Information
EI Placer Appointment ID
EI Filler Appointment ID
NM Occurrence Number
EI Placer Group Number
CWE/CE Schedule ID
CWE/CE Event Reason
CWE/CE Appointment Reason
CWE/CE Appointment Type
ST/NM Appointment Duration
CNE/CE Appointment Duration Units
ST/TQ Appointment Timing Quantity
XCN Placer Contact Person
XTN Placer Contact Phone Number
XAD Placer Contact Address
PL Placer Contact Location
XCN Filler Contact Person
XTN Filler Contact Phone Number
XAD Filler Contact Address
PL Filler Contact Location
XCN Entered by Person
XTN Entered by Phone Number
PL Entered by Location
EI Parent Placer Appointment ID
EI Parent Filler Appointment ID
CWE/CE Filler Status Code
EI Placer Order Number
EI Filler Order Number

SCP Sterilizer Configuration (Anti-Microbial Devices)
NM Number Of Decontamination/Sterilization Devices
CWE Labor Calculation Type
CWE Date Format
EI Device Number
ST Device Name
ST Device Model Name
CWE Device Type
CWE Lot Control

SDD Sterilization Device Data
EI Lot Number
EI Device Number
ST Device Name
CWE/IS Device Data State
CWE/IS Load Status
NM Control Code
ST Operator Name

SFT Software Segment
XON Software Vendor Organization
ST Software Certified Version or Release Number
ST Software Product Name
ST Software Binary ID
TX Software Product Information
DTM/TS Software Install Date

SGH

SGT

SHP Shipment
EI Shipment ID
EI Internal Shipment ID
CWE Shipment Status
DTM Shipment Status Date/Time
TX Shipment Status Reason
CWE Shipment Priority
CWE Shipment Confidentiality
NM Number of Packages in Shipment
CWE Shipment Condition
CWE Shipment Handling Code
CWE Shipment Risk Code

SID Substance Identifier
CWE/CE Application/Method Identifier
ST Substance Lot Number
ST Substance Container Identifier
CWE/CE Substance Manufacturer Identifier

SLT Sterilization Lot
EI Device Number
ST Device Name
EI Lot Number
EI Item Identifier
ST Bar Code

SPM Specimen
SI Set ID - SPM
EIP Specimen ID
EIP Specimen Parent IDs
CWE Specimen Type
CWE Specimen Type Modifier
CWE Specimen Additives
CWE Specimen Collection Method
CWE Specimen Source Site
CWE Specimen Source Site Modifier
CWE Specimen Collection Site
CWE Specimen Role
CQ Specimen Collection Amount
NM Grouped Specimen Count
ST Specimen Description
CWE Specimen Handling Code
CWE Specimen Risk Code
DR Specimen Collection Date/Time
DTM/TS Specimen Received Date/Time
DTM/TS Specimen Expiration Date/Time
ID Specimen Availability
CWE Specimen Reject Reason
CWE Specimen Quality
CWE Specimen Appropriateness
CWE Specimen Condition
CQ Specimen Current Quantity
NM Number of Specimen Containers
CWE Container Type
CWE Container Condition
CWE Specimen Child Role
CX Accession ID
CX Other Specimen ID
EI Shipment ID
DTM Culture Start Date/Time
DTM Culture Final Date/Time
ID Action Code

SPR Stored Procedure Request Definition
ST Query Tag
ID Query/Response Format Code
CE Stored Procedure Name
QIP Input Parameter List

STF Staff Identification
CWE/CE Primary Key Value - STF
CX/CE Staff Identifier List
XPN/PN Staff Name
CWE/IS/ID Staff Type
CWE/IS/ID Administrative Sex
DTM/TS Date/Time of Birth
ID Active/Inactive Flag
CWE/CE Department
CWE/CE Hospital Service - STF
XTN/TN Phone
XAD/AD Office/Home Address/Birthplace
DIN/CM_DIN Institution Activation Date
DIN/CM_DIN Institution Inactivation Date
CWE/CE Backup Person ID
ST E-Mail Address
CWE/CE/ID Preferred Method of Contact
CWE/CE/IS Marital Status
ST Job Title
JCC Job Code/Class
CWE/CE/IS Employment Status Code
ID Additional Insured on Auto
DLN Driver's License Number - Staff
ID Copy Auto Ins
DT Auto Ins Expires
DT Date Last DMV Review
DT Date Next DMV Review
CWE/CE Race
CWE/CE Ethnic Group
ID Re-activation Approval Indicator
CWE/CE Citizenship
DTM/TS Date/Time of Death
ID Death Indicator
CWE Institution Relationship Type Code
DR Institution Relationship Period
DT Expected Return Date
CWE Cost Center Code
ID Generic Classification Indicator
CWE Inactive Reason Code
CWE Generic resource type or category
CWE Religion
ED Signature

STZ Sterilization Parameter
CWE Sterilization Type
CWE Sterilization Cycle
CWE Maintenance Cycle
CWE Maintenance Type

TCC Test Code Configuration
CWE/CE Universal Service Identifier
EI Equipment Test Application Identifier
ST/SPS Specimen Source
SN Auto-Dilution Factor Default
SN Rerun Dilution Factor Default
SN Pre-Dilution Factor Default
SN Endogenous Content of Pre-Dilution Diluent
NM Inventory Limits Warning Level
ID Automatic Rerun Allowed
ID Automatic Repeat Allowed
ID Automatic Reflex Allowed
SN Equipment Dynamic Range
CWE/CE Units
CWE/CE Processing Type

TCD Test Code Detail
CWE/CE Universal Service Identifier
SN Auto-Dilution Factor
SN Rerun Dilution Factor
SN Pre-Dilution Factor
SN Endogenous Content of Pre-Dilution Diluent
ID Automatic Repeat Allowed
ID Reflex Allowed
CWE/CE Analyte Repeat Status

TQ1 Timing/Quantity
SI Set ID - TQ1
CQ Quantity
RPT Repeat Pattern
TM Explicit Time
CQ Relative Time and Units
CQ Service Duration
DTM/TS Start date/time
DTM/TS End date/time
CWE Priority
TX Condition text
TX Text instruction
ID Conjunction
CQ Occurrence duration
NM Total occurrences

TQ2 Timing/Quantity Relationship
SI Set ID - TQ2
ID Sequence/Results Flag
EI Related Placer Number
EI Related Filler Number
EI Related Placer Group Number
ID Sequence Condition Code
ID Cyclic Entry/Exit Indicator
CQ Sequence Condition Time Interval
NM Cyclic Group Maximum Number of Repeats
ID Special Service Request Relationship

TXA Transcription Document Header
SI Set ID- TXA
CWE/IS Document Type
ID Document Content Presentation
DTM/TS Activity Date/Time
XCN Primary Activity Provider Code/Name
DTM/TS Origination Date/Time
DTM/TS Transcription Date/Time
DTM/TS Edit Date/Time
XCN Originator Code/Name
XCN Assigned Document Authenticator
XCN Transcriptionist Code/Name
EI Unique Document Number
EI Parent Document Number
EI Placer Order Number
EI Filler Order Number
ST Unique Document File Name
ID Document Completion Status
ID Document Confidentiality Status
ID Document Availability Status
ID Document Storage Status
ST Document Change Reason
PPN Authentication Person, Time Stamp (set)
XCN Distributed Copies (Code and Name of Recipient(s) )
CWE Folder Assignment
ST Document Title
DTM Agreed Due Date/Time
HD Creating Facility
CWE Creating Specialty

UAC User Authentication Credential Segment
CWE User Authentication Credential Type Code
ED User Authentication Credential

UB1 UB82
SI Set ID UB1
ST/NM Blood Deductible
ST/NM Blood Furnished Pints
ST/NM Blood Replaced Pints
ST/NM Blood Not Replaced Pints
ST/NM Co Insurance Days
ST/IS/ID Condition Code
ST/NM Covered Days
ST/NM Non Covered Days
ST/UVC/CM_UVC/CM Value Amount & Code
ST/NM Number Of Grace Days
ST/CWE/CE/ID Special Program Indicator
ST/CWE/CE/ID PSRO/UR Approval Indicator
ST/DT PSRO/UR Approved Stay Fm
ST/DT PSRO/UR Approved Stay To
ST/OCD/CM_OCD/ID Occurrence
ST/CWE/CE/ID Occurrence Span
ST/DT Occur Span Start Date
ST/DT Occur Span End Date
ST UB 82 Locator 2
ST UB 82 Locator 9
ST UB 82 Locator 27
ST UB 82 Locator 45

UB2 Uniform Billing Data
SI Set ID - UB2
ST Co-Insurance Days (9)
CWE/IS/ID Condition Code (24-30)
ST Covered Days (7)
ST Non-Covered Days (8)
UVC/CM_UVC Value Amount & Code
OCD/CM_OCD Occurrence Code & Date (32-35)
OSP/CM_OSP Occurrence Span Code/Dates (36)
ST Uniform Billing Locator 2 (State)
ST Uniform Billing 11 (State)
ST Uniform Billing 31 (National)
ST Document Control Number
ST Uniform Billing 49 (National)
ST Uniform Billing 56 (State)
ST Uniform Billing 57 (National)
ST Uniform Billing 78 (State)
NM Special Visit Count

URD Results/update Definition
DTM/TS R/U Date/Time
ID Report Priority
XCN/ST R/U Who Subject Definition
CWE/CE/ID R/U What Subject Definition
CWE/CE/ST R/U What Department Code
ST R/U Display/Print Locations
ID R/U Results Level

URS Unsolicited Selection
ST R/U Where Subject Definition
DTM/TS R/U When Data Start Date/Time
DTM/TS R/U When Data End Date/Time
ST R/U What User Qualifier
ST R/U Other Results Subject Definition
ID R/U Which Date/Time Qualifier
ID R/U Which Date/Time Status Qualifier
ID R/U Date/Time Selection Qualifier
TQ R/U Quantity/Timing Qualifier

VAR Variance
EI Variance Instance ID
DTM/TS Documented Date/Time
DTM/TS Stated Variance Date/Time
XCN Variance Originator
CWE/CE Variance Classification
ST Variance Description

VND Purchasing Vendor
SI Set Id - VND
EI Vendor Identifier
ST Vendor Name
EI Vendor Catalog Number
CNE Primary Vendor Indicator

VTQ Virtual Table Query Request
ST Query Tag
ID Query/Response Format Code
CE VT Query Name
CE Virtual Table Name
QSC Selection Criteria

`;

/** Data types and their components, written alike. A primitive type has none. */
export const typeLines = `
AD Address
ST Street Address
ST Other Designation
ST City
ST State or Province
ST/ID Zip or Postal Code
ID/ST Country
ID Address Type
ST Other Geographic Designation

AUI Authorization Information
ST Authorization Number
DT/TS Date
ST Source

CCD Charge Code and Date
ID Invocation Event
DTM/TS Date/time

CCP Channel Calibration Parameters
NM Channel Calibration Sensitivity Correction Factor
NM Channel Calibration Baseline
NM Channel Calibration Time Skew

CD Channel Definition
WVI/CM_WVI Channel Identifier
WVS/CM_CD_ELECTRODE Waveform Source
CSU/CM_CSU Channel Sensitivity and Units
CCP/CM_CCP Channel Calibration Parameters
NM Channel Sampling Frequency
NR/CM_MDV Minimum and Maximum Data Values

CE Coded Element
ST/ID Identifier
ST Text
ID/IS/ST Name of Coding System
ST/ID Alternate Identifier
ST Alternate Text
ID/IS/ST Name of Alternate Coding System

CF Coded Element with Formatted Values
ST/ID Identifier
FT Formatted Text
ID/IS/ST Name of Coding System
ST/ID Alternate Identifier
FT Alternate Formatted Text
ID/IS/ST Name of Alternate Coding System
ST Coding System Version ID
ST Alternate Coding System Version ID
ST Original Text
ST Second Alternate Identifier
FT Second Alternate Formatted Text
ID Name of Second Alternate Coding System
ST Second Alternate Coding System Version ID
ST Coding System OID
ST Value Set OID
DTM Value Set Version ID
ST Alternate Coding System OID
ST Alternate Value Set OID
DTM Alternate Value Set Version ID
ST Second Alternate Coding System OID
ST Second Alternate Value Set OID
DTM Second Alternate Value Set Version ID

CK Composite ID With Check Digit
NM ID Number
ST/NM Check Digit
ID Code Identifying The Check Digit Scheme Employed
HD/ST Assigning Authority

CK_ACCOUNT_NO Account Number
NM Account Number
NM Check Digit
ID Check Digit Scheme
ID Facility ID

CM Composite

CM_ABS_RANGE Absolute Range
CM_RANGE Range
NM Numeric Change
NM Percent Per Change
NM Days

CM_AUI Authorization Information
ST Authorization Number
TS/DT Date
ST Source

CM_BATCH_TOTAL CM For Batch Totals
NM Batch Total 1
NM Batch Total 2

CM_CCD Charge Time
ID When To Charge Code
TS Date/time

CM_CCP Channel Calibration Parameters
NM Sensitivity Correction Factor
NM Baseline
NM Time Skew

CM_CD_ELECTRODE Electrode Parameter
ST Source Name 1
ST Source Name 2

CM_CSU Channel Sensitivity/units
NM Sensitivity
ID Units Identifier
ST Units Text
ST Units Name Of Coding System
ID Units Alternate Identifier
ST Units Alternate Text
ST Units Name Of Alternate Coding System

CM_DDI Daily Deductible
NM/ST Delay Days
NM Amount
NM Number Of Days

CM_DIN Activation Date
TS Date
CE Institution Name

CM_DLD Discharge Location
ID Discharge Location
TS Effective Date

CM_DLT Delta Check
CM_RANGE Range
NM Numeric Threshold
ST Change
NM Length Of Time-days

CM_DTN Day Type And Number
IS/ID Day Type
NM Number Of Days

CM_EIP Parent Order
EI/ST Parent s Placer Order Number
EI/ST Parent s Filler Order Number

CM_ELD Error
ST Segment ID
NM Sequence
NM Field Position
CE Code Identifying Error

CM_FILLER Filler
ID Unique Filler Id
ID Filler Application ID

CM_FINANCE Finance
ID Financial Class ID
TS Effective Date

CM_GROUP_ID Group ID
ID Unique Group Id
ID Placer Application Id

CM_INTERNAL_LOCATION Internal Location
ID Nurse Unit
ID Room
ID Bed
ID Facility ID
ID Bed Status
ID Etage
ID Klinik
ID Zentrum

CM_JOB_CODE Job Code
ID Job Code
ID Employee Classification

CM_LA1 Location With Address Information
ST/CM_INTERNAL_LOCATION Point Of Care
IS/AD Room
IS Bed
HD Facility
IS Location Status
IS Person Location Type
IS Building
ST Floor
ST Street Address
ST Other Designation
ST City
ST State Or Province
ST Zip Or Postal Code
ID Country
ID Address Type
ST Other Geographic Designation

CM_LICENSE_NO License Number
ST License Number
ST Issuing State,province,country

CM_MDV Minimum/maximum Data Values
NM Minimum Value
NM Maximum Value

CM_MOC Charge To Practise
MO/ST Dollar Amount
CE/ST Charge Code

CM_MSG Message Type
ID Message Type
ID Trigger Event

CM_NDL Observing Practitioner
CN OP Name
TS Start Date/time
TS End Date/time
IS/CM_INTERNAL_LOCATION Point Of Care
IS Room
IS Bed
HD Facility
IS Location Status
IS Person Location Type
IS Building
ST Floor

CM_OCD Occurence
CE/ID Occurrence Code
DT Occurrence Date

CM_OSD Order Sequence
ID Sequence/results Flag
ST Placer Order Number Entity Identifier
IS Placer Order Number Namespace ID
ST Filler Order Number Entity Identifier
IS Filler Order Number Namespace ID
ST Sequence Condition Value
NM Maximum Number Of Repeats
ST Placer Order Number Universal ID
ID Placer Order Number Universal ID Type
ST Filler Order Number Universal ID
ID Filler Order Number Universal ID Type

CM_OSP Occurence Span
CE/ID Occurrence Span Code
DT Occurrence Span Start Date
DT Occurrence Span Stop Date

CM_PARENT_RESULT Undefined CM Data Type
CE Observation Identifier
ST Sub-ID
CE Result

CM_PAT_ID Patient ID
ST ID Number
NM Check Digit
ID Check Digit Scheme
ID Facility ID
ID Type

CM_PAT_ID_0192 Patient ID With Table 0192
ST ID Number
NM Check Digit
ID Check Digit Scheme
ID Facility ID
ID Type

CM_PCF Pre-certification Required
IS/ID Pre-certification Patient Type
ID Pre-certification Required
TS Pre-certification Windwow

CM_PEN Penalty
IS/ID Penalty Type
NM Penalty Amount

CM_PI Person Identifier
ST ID Number
IS Type Of ID Number
ST Other Qualifying Info

CM_PIP Privileges
CE Privilege
CE Privilege Class
DT Expiration Date
DT Activation Date

CM_PLACER Auftragsnummer Des Auftraggebers / Der Auftraggebenden Stelle
ID Unique Placer Id
ID Placer Application

CM_PLN Practitioner ID Numbers
ST ID Number
IS/ID Type Of ID Number
ST State/other Qualifying Info
DT Expiration Date

CM_POSITION Position
ST Saal
ST Tisch
ST Stuhl

CM_PRACTITIONER Practitioner
CN Procedure Practitioner ID
ID Procedure Practitioner Type

CM_PRL Parent Result Link
CE OBX-3 Observation Identifier Of Parent Result
ST OBX-4 Sub-ID Of Parent Result
TX Part Of OBX-5 Observation Result From Parent

CM_PTA Policy Type
IS/ID Policy Type
IS/ID Amount Class
NM Amount

CM_RANGE Wertebereich
CE Low Value
CE High Value

CM_RFR Reference Range
CM_RANGE Reference Range
IS/ID Sex
CM_RANGE Age Range
CM_RANGE Age Gestation
TX/ST Species
ST/ID Race/subspecies
TX/ST Conditions

CM_RI Interval
IS/ST Repeat Pattern
ST Explicit Time Interval

CM_RMC Room Coverage
IS/ID Room Type
IS/ID Amount Type
NM Coverage Amount

CM_SPD Specialty
ST Specialty Name
ST Governing Board
ID Eligible Or Certified
DT Date Of Certification

CM_SPS Specimen Source
CE Specimen Source Name Or Code
TX Additives
TX Freetext
CE Body Site
CE Site Modifier
CE Collection Modifier Method Code

CM_UVC Value Code And Amount
IS/ID Value Code
NM Value Amount

CM_VR Value Qualifier
ST First Data Code Value
ST Last Data Code Calue

CM_WVI Channel Identifier
NM Channel Number
ST Channel Name

CN Composite ID Number And Name
ST/ID ID Number
FN/ST Family Name
ST Given Name
ST Second And Further Given Names Or Initials Thereof
ST Suffix
ST Prefix
IS/ST Degree
IS/ID Source Table
HD/AD Assigning Authority
TN Telefon
TN Faxnummer
TN Online-Nummer
ST E-Mail

CNE Coded with No Exceptions
ST Identifier
ST Text
ID/IS/ST Name of Coding System
ST Alternate Identifier
ST Alternate Text
ID/IS/ST Name of Alternate Coding System
ST Coding System Version ID
ST Alternate Coding System Version ID
ST Original Text
ST Second Alternate Identifier
ST Second Alternate Text
ID Name of Second Alternate Coding System
ST Second Alternate Coding System Version ID
ST Coding System OID
ST Value Set OID
DTM Value Set Version ID
ST Alternate Coding System OID
ST Alternate Value Set OID
DTM Alternate Value Set Version ID
ST Second Alternate Coding System OID
ST Second Alternate Value Set OID
DTM Second Alternate Value Set Version ID

CNN Composite ID Number and Name Simplified
ST ID Number
ST Family Name
ST Given Name
ST Second and Further Given Names or Initials Thereof
ST Suffix (e.g., JR or III)
ST Prefix (e.g., DR)
IS Degree (e.g., MD)
IS Source Table
IS Assigning Authority - Namespace ID
ST Assigning Authority - Universal ID
ID Assigning Authority - Universal ID Type

CNS Composite ID Number And Name Simplified
ST ID Number
ST Family Name
ST Given Name
ST Second And Further Given Names Or Initials Thereof
ST Suffix
ST Prefix
IS Degree
IS Source Table
IS Assigning Authority Namespace ID
ST Assigning Authority Universal ID
ID Assigning Authority Universal ID Type

CN_PERSON Person
ID ID Number
ST Family Name
ST Given Name
ST Middle Initial Or Name
ST Suffix
ST Prefix
ST Degree
ID Source Table Id

CP Composite Price
MO Price
ID Price Type
NM From Value
NM To Value
CWE/CE Range Units
ID Range Type

CQ Composite Quantity with Units
NM Quantity
CWE/CE/ST Units

CQ_QUANTITY Quantity
ST Quantity
ST Units

CSU Channel Sensitivity and Units
NM Channel Sensitivity
ST Unit of Measure Identifier
ST Unit of Measure Description
ID/IS Unit of Measure Coding System
ST Alternate Unit of Measure Identifier
ST Alternate Unit of Measure Description
ID/IS Alternate Unit of Measure Coding System
ST Unit of Measure Coding System Version ID
ST Alternate Unit of Measure Coding System Version ID
ST Original Text
ST Second Alternate Unit of Measure Identifier
ST Second Alternate Unit of Measure Text
ID Name of Second Alternate Unit of Measure Coding System
ST Second Alternate Unit of Measure Coding System Version ID
ST Unit of Measure Coding System OID
ST Unit of Measure Value Set OID
DTM Unit of Measure Value Set Version ID
ST Alternate Unit of Measure Coding System OID
ST Alternate Unit of Measure Value Set OID
DTM Alternate Unit of Measure Value Set Version ID
ST Alternate Unit of Measure Coding System OID
ST Alternate Unit of Measure Value Set OID
ST Alternate Unit of Measure Value Set Version ID

CWE Coded with Exceptions
ST Identifier
ST Text
ID/IS/ST Name of Coding System
ST Alternate Identifier
ST Alternate Text
ID/IS/ST Name of Alternate Coding System
ST Coding System Version ID
ST Alternate Coding System Version ID
ST Original Text
ST Second Alternate Identifier
ST Second Alternate Text
ID Name of Second Alternate Coding System
ST Second Alternate Coding System Version ID
ST Coding System OID
ST Value Set OID
DTM Value Set Version ID
ST Alternate Coding System OID
ST Alternate Value Set OID
DTM Alternate Value Set Version ID
ST Second Alternate Coding System OID
ST Second Alternate Value Set OID
DTM Second Alternate Value Set Version ID

CX Extended Composite ID with Check Digit
ST ID Number
ST Identifier Check Digit
ID Check Digit Scheme
HD Assigning Authority
ID/IS Identifier Type Code
HD Assigning Facility
DT Effective Date
DT Expiration Date
CWE Assigning Jurisdiction
CWE Assigning Agency or Department
ST Security Check
ID Security Check Scheme

DDI Daily Deductible Information
NM Delay Days
MO/NM Monetary Amount
NM Number of Days

DIN Date and Institution Name
DTM/TS Date
CWE/CE Institution Name

DLD Discharge to Location and Date
CWE/IS/ID Discharge to Location
DTM/TS Effective Date

DLN Driver's License Number
ST License Number
CWE/IS Issuing State, Province, Country
DT Expiration Date

DLT Delta
NR Normal Range
NM Numeric Threshold
ID/ST Change Computation
NM Days Retained

DR Date/Time Range
DTM/TS Range Start Date/Time
DTM/TS Range End Date/Time

DT Date

DTM Date/Time

DTN Day Type and Number
CWE/IS Day Type
NM Number of Days

ED Encapsulated Data
HD Source Application
ID Type of Data
ID Data Subtype
ID Encoding
TX/ST Data

EI Entity Identifier
ST Entity Identifier
IS Namespace ID
ST Universal ID
ID Universal ID Type

EIP Entity Identifier Pair
EI Placer Assigned Identifier
EI Filler Assigned Identifier

ELD Error Location and Description
ST Segment ID
NM Segment Sequence
NM Field Position
CWE/CE Code Identifying Error

ERL Error Location
ST Segment ID
NM Segment Sequence
NM Field Position
NM Field Repetition
NM Component Number
NM Sub-Component Number

FC Financial Class
CWE/IS Financial Class Code
DTM/TS Effective Date

FN Family Name
ST Surname
ST Own Surname Prefix
ST Own Surname
ST Surname Prefix from Partner/Spouse
ST Surname from Partner/Spouse

FT Formatted Text

GTS General Timing Specification

HD Hierarchic Designator
IS Namespace ID
ST Universal ID
ID Universal ID Type

ICD Insurance Certification Definition
CWE/IS Certification Patient Type
ID Certification Required
DTM/TS Date/Time Certification Required

ID Coded Value for HL7-defined tables

IS Coded Value for User-defined tables

JCC Job Code/Class
CWE/IS Job Code
CWE/IS Job Class
TX Job Description Text

LA1 Location with Address Variation 1
IS Point of Care
IS Room
IS Bed
HD Facility
IS Location Status
IS Patient Location Type
IS Building
IS Floor
AD Address

LA2 Location with Address Variation 2
IS Point of Care
IS Room
IS Bed
HD Facility
IS Location Status
IS Patient Location Type
IS Building
IS Floor
ST Street Address
ST Other Designation
ST City
ST State or Province
ST Zip or Postal Code
ID Country
ID Address Type
ST Other Geographic Designation

MA Multiplexed Array
NM Sample Y From Channel 1
NM Sample Y From Channel 2
NM Sample Y From Channel 3
NM Sample Y From Channel 4
NM Sample Y From Channel 5
NM Sample Y From Channel 6
NM Sample Y From Channel 7
NM Sample Y From Channel 8
NM Sample Y From Channel 9
NM Sample Y From Channel 10

MO Money
NM Quantity
ID Denomination

MOC Money and Code
MO Monetary Amount
CWE/CE Charge Code

MOP Money or Percentage
ID/IS Money or Percentage Indicator
NM Money or Percentage Quantity
ID Monetary Denomination

MSG Message Type
ID Message Code
ID Trigger Event
ID Message Structure

NA Numeric Array
NM Value1
NM Value2
NM Value3
NM Value4
NM Value5
NM Value6
NM Value7
NM Value8
NM Value9
NM Value10

NDL Name with Date and Location
CNN/CN Name
DTM/TS Start Date/time
DTM/TS End Date/time
IS Point of Care
IS Room
IS Bed
HD Facility
IS Location Status
IS Patient Location Type
IS Building
IS Floor

NM Numeric

NR Numeric Range
NM Low Value
NM High Value

OCD Occurrence Code and Date
CNE/IS/ID Occurrence Code
DT Occurrence Date

OG Observation Grouper
ST Original Sub-Identifier
NM Group
NM Sequence
ST Identifier

OSD Order Sequence Definition
ID Sequence/Results Flag
ST Placer Order Number: Entity Identifier
IS Placer Order Number: Namespace ID
ST Filler Order Number: Entity Identifier
IS Filler Order Number: Namespace ID
ST Sequence Condition Value
NM Maximum Number of Repeats
ST Placer Order Number: Universal ID
ID Placer Order Number: Universal ID Type
ST Filler Order Number: Universal ID
ID Filler Order Number: Universal ID Type

OSP Occurrence Span Code and Date
CNE/CE Occurrence Span Code
DT Occurrence Span Start Date
DT Occurrence Span Stop Date

PCF Pre-certification Required
IS Pre-certification Patient Type
ID Pre-certification Required
TS Pre-certification Window

PI Person Identifier
ST ID Number
IS Type Of ID Number
ST Other Qualifying Info

PIP Practitioner Institutional Privileges
CWE/CE Privilege
CWE/CE Privilege Class
DT Expiration Date
DT Activation Date
EI Facility

PL Person Location
HD/IS/ID Point of Care
HD/IS Room
HD/IS Bed
HD Facility
IS Location Status
IS Person Location Type
HD/IS Building
HD/IS/ST Floor
ST Location Description
EI Comprehensive Location Identifier
HD Assigning Authority for Location

PLN Practitioner License or Other ID Number
ST ID Number
CWE/IS Type of ID Number
ST State/other Qualifying Information
DT Expiration Date

PN Person Name
FN/ST Family Name
ST Given Name
ST Second And Further Given Names Or Initials Thereof
ST Suffix
ST Prefix
IS/ST Degree

PPN Performing Person Time Stamp
ST Person Identifier
FN/ST Family Name
ST Given Name
ST Second and Further Given Names or Initials Thereof
ST Suffix (e.g., JR or III)
ST Prefix (e.g., DR)
ST/IS Degree (e.g., MD)
CWE/IS/ID Source Table
HD Assigning Authority
ID Name Type Code
ST Identifier Check Digit
ID Check Digit Scheme
ID/IS Identifier Type Code
HD Assigning Facility
DTM/TS Date/Time Action Performed
ID Name Representation Code
CWE/CE Name Context
ST/DR Name Validity Range
ID Name Assembly Order
DTM/TS Effective Date
DTM/TS Expiration Date
ST Professional Suffix
CWE Assigning Jurisdiction
CWE Assigning Agency or Department
ST Security Check
ID Security Check Scheme

PRL Parent Result Link
CWE/CE Parent Observation Identifier
ST Parent Observation Sub-identifier
TX Parent Observation Value Descriptor

PT Processing Type
ID/ST Processing ID
ID/ST Processing Mode

PTA Policy Type and Amount
CWE/IS Policy Type
CWE/IS Amount Class
ST/NM Money or Percentage Quantity
MOP Money or Percentage

QIP Query Input Parameter List
ST Segment Field Name
ST Values

QSC Query Selection Criteria
ST Segment Field Name
ID Relational Operator
ST Value
ID Relational Conjunction

RCD Row Column Definition
ST Segment Field Name
ID/ST HL7 Data Type
NM Maximum Column Width

RFR Reference Range
NR Numeric Range
CWE/IS Administrative Sex
NR Age Range
NR Gestational Age Range
ST/TX Species
ST Race/subspecies
TX Conditions

RI Repeat Interval
CWE/IS Repeat Pattern
ST Explicit Time Interval

RMC Room Coverage
CWE/IS Room Type
CWE/IS Amount Type
ST/NM Coverage Amount
MOP Money or Percentage

RP Reference Pointer
ST Pointer
HD Application ID
ID Type of Data
ID Subtype

RPT Repeat Pattern
CWE Repeat Pattern Code
ID Calendar Alignment
NM Phase Range Begin Value
NM Phase Range End Value
NM Period Quantity
CWE/IS Period Units
ID Institution Specified Time
ID Event
NM Event Offset Quantity
CWE/IS Event Offset Units
GTS General Timing Specification

SAD Street Address
ST Street or Mailing Address
ST Street Name
ST Dwelling Number

SCV Scheduling Class Value Pair
CWE/IS Parameter Class
ST/IS Parameter Value

SI Sequence ID

SN Structured Numeric
ST Comparator
NM Num1
ST Separator/Suffix
NM Num2

SPD Specialty Description
ST Specialty Name
ST Governing Board
ID Eligible or Certified
DT Date of Certification

SPS Specimen Source
CWE/CE Specimen Source Name or Code
CWE/TX Additives
TX Specimen Collection Method
CWE/CE Body Site
CWE/CE Site Modifier
CWE/CE Collection Method Modifier Code
CWE/CE Specimen Role

SRT Sort Order
ST Sort-by Field
ID Sequencing

ST String Data

TM Time

TN Telephone Number

TQ Timing Quantity
CQ/CQ_QUANTITY Quantity
RI/CM_RI Interval
ST Duration
DTM/TS Start Date/Time
DTM/TS End Date/Time
ST/ID Priority
ST Condition
TX/ST Text
ID/ST Conjunction
OSD/CM_OSD/ST Order Sequencing
CWE/CE Occurrence Duration
NM Total Occurrences

TS Time Stamp
DTM/ST Time
ID/ST Degree of Precision

TX Text Data

UVC UB Value Code and Amount
CWE/CNE/IS Value Code
MO/NM Value Amount
NM Non-Monetary Value Amount / Quantity
CWE Non-Monetary Value Amount / Units

VARIES Variable Datatype

VH Visiting Hours
ID Start Day Range
ID End Day Range
TM Start Hour Range
TM End Hour Range

VID Version Identifier
ID Version ID
CWE/CE Internationalization Code
CWE/CE International Version ID

VR Value Range
ST First Data Code Value
ST Last Data Code Value

WVI Channel Identifier
NM Channel Number
ST Channel Name

WVS Waveform Source
ST Source One Name
ST Source Two Name

XAD Extended Address
SAD/ST Street Address
ST Other Designation
ST City
ST State or Province
ST Zip or Postal Code
ID Country
ID Address Type
ST Other Geographic Designation
CWE/IS County/Parish Code
CWE/IS Census Tract
ID Address Representation Code
ST/DR Address Validity Range
DTM/TS Effective Date
DTM/TS Expiration Date
CWE Expiration Reason
ID Temporary Indicator
ID Bad Address Indicator
ID Address Usage
ST Addressee
ST Comment
NM Preference Order
CWE Protection Code
EI Address Identifier

XCN Extended Composite ID Number and Name for Persons
ST Person Identifier
FN/ST Family Name
ST Given Name
ST Second and Further Given Names or Initials Thereof
ST Suffix (e.g., JR or III)
ST Prefix (e.g., DR)
ST/IS Degree (e.g., MD)
CWE/IS/ID Source Table
HD Assigning Authority
ID Name Type Code
ST Identifier Check Digit
ID Check Digit Scheme
ID/IS Identifier Type Code
HD Assigning Facility
ID Name Representation Code
CWE/CE Name Context
ST/DR Name Validity Range
ID Name Assembly Order
DTM/TS Effective Date
DTM/TS Expiration Date
ST Professional Suffix
CWE Assigning Jurisdiction
CWE Assigning Agency or Department
ST Security Check
ID Security Check Scheme

XON Extended Composite Name and Identification Number for Organizations
ST Organization Name
CWE/IS Organization Name Type Code
ST/NM ID Number
NM/ST Identifier Check Digit
ID Check Digit Scheme
HD Assigning Authority
ID/IS Identifier Type Code
HD Assigning Facility
ID Name Representation Code
ST Organization Identifier

XPN Extended Person Name
FN/ST Family Name
ST Given Name
ST Second and Further Given Names or Initials Thereof
ST Suffix (e.g., JR or III)
ST Prefix (e.g., DR)
ST/IS Degree (e.g., MD)
ID Name Type Code
ID Name Representation Code
CWE/CE Name Context
ST/DR Name Validity Range
ID Name Assembly Order
DTM/TS Effective Date
DTM/TS Expiration Date
ST Professional Suffix
ST Called By

XTN Extended Telecommunication Number
ST/TN Telephone Number
ID Telecommunication Use Code
ID Telecommunication Equipment Type
ST Communication Address
ST/NM Country Code
ST/NM Area/City Code
ST/NM Local Number
ST/NM Extension
ST Any Text
ST Extension Prefix
ST Speed Dial Code
ST Unformatted Telephone number
DTM Effective Start Date
DTM Expiration Date
CWE Expiration Reason
CWE Protection Code
EI Shared Telecommunication Identifier
NM Preference Order

`;

/** The groups of all message structures. */
export const groupNames = `
ACCESSION_DETAIL
ADDITIONAL_DEMOGRAPHICS
ADJUSTMENT_PAYEE
ADMINISTRATION
ADVERSE_REACTION_GROUP
ANTI_MICROBIAL_DEVICE_CYCLE_DATA
ANTI_MICROBIAL_DEVICE_DATA
APPOINTMENT_HISTORY
APP_STATS
APP_STATUS
ASSOCIATED_OBSERVATION
ASSOCIATED_PERSON
ASSOCIATED_RX_ADMIN
ASSOCIATED_RX_ORDER
AUTHORIZATION
AUTHORIZATION_1
AUTHORIZATION_2
AUTHORIZATION_CONTACT
AUTHORIZATION_INFO
AUTHORIZATION_REQUEST
AUTHORIZATION_RESPONSE_INFO
CERTIFICATE
CLINICAL_HISTORY
CLINICAL_HISTORY_DETAIL
CLINICAL_ORDER
CLINICAL_ORDER_DETAIL
CLINICAL_ORDER_TIMING
CLOCK
CLOCK_AND_STATISTICS
CLOCK_AND_STATS_WITH_NOTES
CLOCK_AND_STATS_WITH_NOTES_ALT
COMMAND
COMMAND_RESPONSE
COMMON_ORDER
COMPONENT
COMPONENTS
CONTAINER
CONTAINER_1
CONTAINER_2
CONTAINER_OBSERVATION
DEFINITION
DEFINTION
DIAGNOSIS
DIET
DISPENSE
ENCODING
EXPERIENCE
FACILITY
FACILITY_DETAIL
FINANCIAL
FINANCIAL_COMMON_ORDER
FINANCIAL_INSURANCE
FINANCIAL_OBSERVATION
FINANCIAL_ORDER
FINANCIAL_PROCEDURE
FINANCIAL_TIMING_QUANTITY
GENERAL_ORDER
GENERAL_RESOURCE
GIVE
GOAL
GOAL_OBSERVATION
GOAL_PATHWAY
GOAL_ROLE
GROUP
GUARANTOR
GUARANTOR_INSURANCE
INSURANCE
INVOICE_INFORMATION
INVOICE_PROCESSING
INVOICE_PROCESSING_RESULTS_INFO
LOCATION_RESOURCE
MATERIAL_ITEM_RECORD
MATERIAL_LOCATION
MEDICATION_ADMINISTRATION_DETAIL
MEDICATION_ENCODING_DETAIL
MEDICATION_HISTORY
MEDICATION_ORDER_DETAIL
MERGE_INFO
MF
MF_CDM
MF_CLINICAL_STUDY
MF_CLIN_STUDY
MF_CLIN_STUDY_SCHED
MF_DRG
MF_INV_ITEM
MF_LOCATION
MF_LOC_DEPT
MF_NUMERIC_OBSERVATION
MF_OBS_ATTRIBUTES
MF_PHASE_SCHED_DETAIL
MF_QUERY
MF_SITE_DEFINED
MF_STAFF
MF_TEST
MF_TEST_BATTERIES
MF_TEST_BATT_DETAIL
MF_TEST_CALCULATED
MF_TEST_CALC_DETAIL
MF_TEST_CATEGORICAL
MF_TEST_CAT_DETAIL
MF_TEST_NUMERIC
NK1_TIMING_QTY
NOTIFICATION
OBSERVATION
OBSERVATIONS_ON_PATIENT
OBSERVATION_GROUP
OBSERVATION_PRIOR
OBSERVATION_REQUEST
OBSERVATION_RESULT_GROUP
OBXNTE
ORDER
ORDER_DETAIL
ORDER_DETAIL_SUPPLEMENT
ORDER_DIET
ORDER_GENERAL
ORDER_OBSERVATION
ORDER_PRIOR
ORDER_RELATED_OBSERVATION
ORDER_TRAY
PACKAGE
PACKAGING
PATHWAY
PATHWAY_OBSERVATION
PATHWAY_ROLE
PATIENT
PATIENT_INFO
PATIENT_OBSERVATION
PATIENT_PRIOR
PATIENT_RESULT
PATIENT_VISIT
PATIENT_VISITS
PATIENT_VISIT_OBSERVATION
PATIENT_VISIT_PRIOR
PAT_INFO
PAYER_ADJUSTMENT
PAYMENT_REMITTANCE_DETAIL_INFO
PAYMENT_REMITTANCE_HEADER_INFO
PERSONNEL_RESOURCE
PEX_CAUSE
PEX_OBSERVATION
PRDCTD
PRIOR_RESULT
PROBLEM
PROBLEM_OBSERVATION
PROBLEM_PATHWAY
PROBLEM_ROLE
PROCEDURE
PRODUCT
PRODUCT_SERVICE_GROUP
PRODUCT_SERVICE_LINE_INFO
PRODUCT_SERVICE_LINE_ITEM
PRODUCT_SERVICE_SECTION
PRODUCT_STATUS
PROVIDER
PROVIDER_CONTACT
PSG
PSL_ITEM_INFO
PURCHASING_VENDOR
QRY_WITH_DETAIL
QUERY
QUERY_ACK
QUERY_INFORMATION
QUERY_RESPONSE
REASSESSMENT_REQUEST_INFO
REQUEST
RESOURCES
RESOURCE_DETAIL
RESPONSE
RESULT
RESULTS
RESULTS_NOTES
ROLE_CLINICAL_HISTORY
ROLE_GOAL
ROLE_PATHWAY
ROLE_PROBLEM
ROW_DEFINITION
RSPONSE
RX_ADMIN
RX_ADMINISTRATION
RX_ORDER
SCHEDULE
SERVICE
SHIPMENT
SHIPMENT_OBSERVATION
SHIPPING_OBSERVATION
SPECIMEN
SPECIMEN_CONTAINER
SPECIMEN_CONTAINER_IN_PACKAGE
SPECIMEN_IN_PACKAGE
SPECIMEN_OBSERVATION
SPECIMEN_SHIPMENT
STAFF
STERILIZATION
STUDY
STUDY_OBSERVATION
STUDY_PHARM
STUDY_PHASE
STUDY_SCHEDULE
SUBJECT_PERSON_ANIMAL_IDENTIFICATION
SUBJECT_POPULATION_LOCATION_IDENTIFICATION
TEST_CONFIGURATION
TIMING
TIMING_DIET
TIMING_ENCODED
TIMING_GIVE
TIMING_PRIOR
TIMING_QTY
TIMING_QUANTITY
TIMING_TRAY
TREATMENT
VISIT
XX
`;
